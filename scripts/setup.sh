# Shell functions that quickstart.sh, test.sh and .ci/run share: find or install what the build needs, and build.
# Sourced, never run: the caller has set `root` to the root of the repository. Everything said goes to stderr.
# shellcheck shell=sh

# The oldest versions that the build works with.
jdk_needed=25
rust_needed=1.85

say() { printf '%s\n' "$*" >&2; }

# at_least HAVE NEED: compares versions like 1.85 or 25 by their first two numbers.
at_least() {
  awk -v have="$1" -v need="$2" 'BEGIN {
    split(have, h, "."); split(need, n, ".")
    exit !(h[1] + 0 > n[1] + 0 || (h[1] + 0 == n[1] + 0 && h[2] + 0 >= n[2] + 0))
  }'
}

# --- JDK -------------------------------------------------------------------------------------------------------------

# The version of the JDK in folder $1; nothing if there is none, or only a runtime that cannot compile and link.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ] || return 0
  "$1/bin/javac" -version 2>&1 | awk '$1 == "javac" { sub(/[^0-9.].*/, "", $2); print $2; exit }'
}

# One candidate folder a line, best first.
jdk_candidates() {
  [ -z "${JAVA_HOME-}" ] || printf '%s\n' "$JAVA_HOME"
  found=$(command -v javac || command -v java || :)
  [ -z "$found" ] || dirname "$(dirname "$(readlink -f "$found")")"
  for folder in /usr/lib/jvm/*; do
    [ -d "$folder" ] && [ ! -L "$folder" ] && printf '%s\n' "$folder"
  done
  return 0
}

# Sets JAVA_HOME to a JDK that is new enough, or fails. Older ones are named only if $1 is "loud".
find_jdk() {
  candidates=$(jdk_candidates | awk '!seen[$0]++')
  while IFS= read -r candidate; do
    [ -n "$candidate" ] || continue
    version=$(jdk_version "$candidate")
    [ -n "$version" ] || continue
    if at_least "$version" "$jdk_needed"; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
    [ "$1" != loud ] || say "passing over JDK $version in $candidate: $jdk_needed or later is needed"
  done <<CANDIDATES
$candidates
CANDIDATES
  return 1
}

# --- Rust ------------------------------------------------------------------------------------------------------------

# The version of the Rust compiler in folder $1; nothing if it or cargo is missing or does not run.
rust_version() {
  [ -x "$1/rustc" ] && [ -x "$1/cargo" ] && "$1/cargo" --version >/dev/null 2>&1 || return 0
  "$1/rustc" --version 2>/dev/null | awk '$1 == "rustc" { sub(/[^0-9.].*/, "", $2); print $2; exit }'
}

rust_candidates() {
  printf '%s\n' "${PATH-}" | tr ':' '\n'
  printf '%s\n' "$HOME/.cargo/bin"
}

# Puts a Rust that is new enough first in PATH, or fails.
find_rust() {
  candidates=$(rust_candidates | awk 'NF && !seen[$0]++')
  while IFS= read -r candidate; do
    version=$(rust_version "$candidate")
    [ -n "$version" ] || continue
    if at_least "$version" "$rust_needed"; then
      PATH=$candidate:$PATH
      export PATH
      return 0
    fi
    [ "$1" != loud ] || say "passing over Rust $version in $candidate: $rust_needed or later is needed"
  done <<CANDIDATES
$candidates
CANDIDATES
  return 1
}

# --- The system's packages -------------------------------------------------------------------------------------------

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; }

# Reads the package lists once, and only if something is to be installed.
refresh_packages() {
  [ -z "${packages_refreshed-}" ] || return 0
  packages_refreshed=yes
  say "reading the system's package lists"
  apt-get -qq update >&2 || :
}

# The version that would be installed of package $1, without its epoch.
package_version() {
  apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { sub(/^[0-9]+:/, "", $2); print $2 }'
}

# Installs packages. Nothing that is installed is removed for them.
install_packages() {
  say "installing $*"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-remove install "$@" >&2 </dev/null
}

# install_first NEED SET...: installs the first set of packages ("a b") whose first package is at least NEED.
install_first() {
  can_install || return 1
  refresh_packages
  need=$1
  shift
  for set in "$@"; do
    version=$(package_version "${set%% *}")
    if [ -n "$version" ] && at_least "$version" "$need"; then
      # shellcheck disable=SC2086 # a set is words
      install_packages $set && return 0
    fi
  done
  return 1
}

# --- What a build needs ----------------------------------------------------------------------------------------------

missing() {
  say "$1"
  anything_missing=yes
}

need_jdk() {
  find_jdk loud && return 0
  install_first "$jdk_needed" openjdk-25-jdk-headless temurin-25-jdk default-jdk-headless && find_jdk quiet && return 0
  missing "JDK $jdk_needed or later is missing: install one (for example Eclipse Temurin $jdk_needed) and set JAVA_HOME to its folder"
}

need_rust() {
  find_rust loud && return 0
  install_first "$rust_needed" "rustc cargo" "rustc-web cargo-web" && find_rust quiet && return 0
  missing "Rust $rust_needed or later is missing: install rustup (https://rustup.rs), then run: rustup default stable"
}

need_linker() {
  command -v cc >/dev/null 2>&1 && return 0
  install_first 0 "gcc libc6-dev" && command -v cc >/dev/null 2>&1 && return 0
  missing "a C compiler named cc is missing, which links the launcher: install gcc and the C library's headers"
}

need_python() {
  command -v python3 >/dev/null 2>&1 && return 0
  install_first 3 python3 && command -v python3 >/dev/null 2>&1 && return 0
  missing "python3 is missing, which the example needs: install it"
}

# --- What tests ask in AWS's place ------------------------------------------------------------------------------------

moto_version=5.2.5

install_moto() {
  rm -rf "$1"
  # Debian keeps what makes such a folder in a package of its own.
  python3 -m venv "$1" >/dev/null 2>&1 || { install_first 3 python3-venv && python3 -m venv "$1"; } || return 1
  "$1/bin/pip" install --quiet --disable-pip-version-check \
    "moto[ssm]==$moto_version" flask==3.1.3 flask-cors==6.0.5 >&2 || return 1
  printf '%s\n' "$moto_version" >"$1/version"
}

# Keeps moto's server in target/moto and names it for the tests, which are skipped and say so where it cannot be had.
find_moto() {
  [ -z "${LATCHKEY_TEST_MOTO-}" ] || return 0
  # shellcheck disable=SC2154 # the caller's
  moto=$root/target/moto
  if [ "$(cat "$moto/version" 2>/dev/null)" != "$moto_version" ]; then
    say "installing moto $moto_version, which answers in AWS's place"
    install_moto "$moto" || {
      say "moto cannot be installed from PyPI: nothing is tested against a server in AWS's place"
      return 0
    }
  fi
  LATCHKEY_TEST_MOTO=$moto/bin/moto_server
  export LATCHKEY_TEST_MOTO
}

# Everything missing is said at once, before anything is built.
need_everything() {
  anything_missing=
  use_writable_home
  need_jdk
  need_rust
  need_linker
  need_python
  [ -z "$anything_missing" ] || exit 1
}

# --- Building --------------------------------------------------------------------------------------------------------

# The home folder that the password file names, which is where a JVM looks whatever HOME says.
login_home() { getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6; }

# Maven and cargo keep what they download in the home folder. Without one that can be written they use target/.
use_writable_home() {
  : "${HOME:=$(login_home)}"
  : "${HOME:=/}"
  export HOME
  if mkdir -p "$HOME/.m2" 2>/dev/null && [ -w "$HOME/.m2" ]; then
    maven_repository=
    [ "$HOME" = "$(login_home)" ] || maven_repository=$HOME/.m2/repository
    return 0
  fi
  say "the home folder $HOME cannot be written: downloads are kept in target/home"
  # rustup's programs look for their toolchains beside the real home folder.
  [ -n "${RUSTUP_HOME-}" ] || [ ! -d "$HOME/.rustup" ] || export RUSTUP_HOME="$HOME/.rustup"
  [ ! -d "$HOME/.cargo/bin" ] || PATH=$PATH:$HOME/.cargo/bin
  # shellcheck disable=SC2154 # the caller's
  HOME=$root/target/home
  export CARGO_HOME="$HOME/.cargo" MAVEN_USER_HOME="$HOME/.m2"
  maven_repository=$HOME/.m2/repository
  mkdir -p "$maven_repository"
}

# Becomes Maven by its wrapper at the root of the repository: for a subshell, so that a signal to it reaches the build.
become_maven() {
  cd "$root" || exit 1
  [ -z "$maven_repository" ] || set -- "-Dmaven.repo.local=$maven_repository" "$@"
  # Under the C locale a JVM could not find a clone whose path goes beyond ASCII.
  LC_ALL=C.UTF-8 exec ./mvnw -B "$@" </dev/null
}

distribution() { printf '%s\n' "$root/target/latchkey"; }

# The first source file or folder that changed since the distribution was built.
changed_since_build() {
  (cd "$root" && find pom.xml mvnw .mvn protocol launcher agent distribution \
    -name target -prune -o -newer target/latchkey.built -print) 2>/dev/null | head -n 1
}

# Builds target/latchkey unless it is newer than every source. For a subshell.
become_build() {
  if [ -x "$(distribution)/bin/agent" ] && [ -f "$root/target/latchkey.built" ] && [ -z "$(changed_since_build)" ]; then
    exit 0
  fi
  say "building (the first time takes some minutes)"
  become_maven -q -pl distribution -am -DskipTests -Dmaven.test.skip=true package >&2
}
