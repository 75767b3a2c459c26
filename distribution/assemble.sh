#!/bin/sh
# Puts target/latchkey together from what the modules built: bin, lib, runtime, conf, share. Run by the Maven build.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd -P)
root=$(dirname -- "$here")
built=$here/target
# Made beside its place and moved there when it is complete, so that what is there is always whole.
new=$root/target/latchkey.new
home=$root/target/latchkey

machine=$(uname -m)
case $machine in
  x86_64) netty_machine=x86_64 ;;
  aarch64) netty_machine=aarch_64 ;;
  *)
    echo "the distribution is made on x86_64 and aarch64, this is $machine" >&2
    exit 1
    ;;
esac

# extract JAR ENTRY NAME: one file of a jar as lib/NAME.
extract() {
  mkdir -p "$built/extract"
  (cd "$built/extract" && "$JAVA_HOME/bin/jar" --extract --file "$1" "$2")
  install -m 0755 "$built/extract/$2" "$new/lib/$3"
}

assemble_programs() {
  mkdir -p "$new/bin"
  install -m 0755 "$here/bin/agent" "$new/bin/agent"
  install -m 0755 "$root/launcher/target/release/launcher" "$new/bin/launcher"
}

# The libraries lie beside the jars, so that no start unpacks them into a temporary folder.
assemble_libraries() {
  mv "$built/jars" "$new/lib"
  mv "$new"/lib/latchkey-agent-*.jar "$new/lib/agent.jar"
  install -m 0755 "$root/agent/target/native/release/liblatchkey_sys.so" "$new/lib/liblatchkey_sys.so"
  for jar in "$new"/lib/sqlite-jdbc-*.jar; do
    extract "$jar" "org/sqlite/native/Linux/$machine/libsqlitejdbc.so" libsqlitejdbc.so
  done
  for jar in "$new"/lib/netty-transport-native-epoll-*-linux-"$netty_machine".jar; do
    library=libnetty_transport_native_epoll_$netty_machine.so
    extract "$jar" "META-INF/native/$library" "$library"
  done
  # Each folder is a class path of its own, which no start sees that does not configure what it is for (ADR 35).
  # Moved, so that a library of an earlier build never stays beside its successor.
  mv "$root/agent/target/adapters" "$new/lib/adapters"
  chmod -R u=rwX,go=rX "$new/lib/adapters"
}

# What the agent and its libraries use of the JDK: SQLite's driver, the credentials of a socket's peer, Netty's direct memory. The flight recorder is switched
# off; but Netty asks for it, and where it is missing the JVM looks through every jar for it (ADR 42). Jackson's beans are never reached.
modules=java.sql,jdk.jfr,jdk.net,jdk.unsupported

# Linking takes long, so a runtime is kept as long as the modules and the JDK are the same.
assemble_runtime() {
  wanted="$modules $(cat "$JAVA_HOME/release")"
  if [ "$wanted" != "$(cat "$built/runtime.made-of" 2>/dev/null)" ]; then
    rm -rf "$built/runtime" "$built/runtime.made-of"
    "$JAVA_HOME/bin/jlink" --add-modules "$modules" --output "$built/runtime" --strip-debug --no-header-files \
      --no-man-pages --compress zip-0 --vm server
    printf '%s\n' "$wanted" >"$built/runtime.made-of"
  fi
  cp -a "$built/runtime" "$new/runtime"
}

# What the programs write about themselves, into the folders where man, the shells and editors look.
file_documents() {
  find "$1" -type f | while IFS= read -r document; do
    case ${document##*/} in
      *.1) folder=man/man1 ;;
      *.bash) folder=completions/bash ;;
      *.fish) folder=completions/fish ;;
      _*) folder=completions/zsh ;;
      *.json | *.yaml) folder=schema ;;
      *)
        echo "no folder is known for the document $document" >&2
        return 1
        ;;
    esac
    mkdir -p "$new/share/$folder"
    install -m 0644 "$document" "$new/share/$folder/"
  done
}

assemble_documents() {
  mkdir -p "$new/conf" "$new/share/systemd"
  install -m 0644 "$here/conf/agent.yaml" "$new/conf/agent.yaml"
  install -m 0644 "$root"/docker/systemd/latchkey.* "$new/share/systemd/"
  rm -rf "$built/documents"
  mkdir -p "$built/documents"
  "$new/runtime/bin/java" -cp "$new/lib/agent.jar" dev.latchkey.agent.cli.Documents "$built/documents"
  file_documents "$built/documents"
  file_documents "$root/launcher/target/docs"
  file_documents "$root/agent/src/main/dist/share/schema"
  "$new/bin/agent" config schema >"$new/share/schema/agent.yaml.schema.json"
}

main() {
  rm -rf "$new"
  assemble_programs
  assemble_libraries
  assemble_runtime
  assemble_documents
  rm -rf "$home"
  mv "$new" "$home"
  sh "$here/train.sh" "$home"
  touch "$root/target/latchkey.built"
}

main
