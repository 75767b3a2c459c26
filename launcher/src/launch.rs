//! The algorithm, in the order in which exit statuses are checked: usage (125), command (126, 127), agent (120), answer (121, 122, 123),
//! set-up (125), `execve` (126).
//!
//! Only connecting comes earlier than its place: the agent needs longer to wake up than the launcher to look for the command. What
//! becomes of the connection is looked at in order, and nothing is sent before the command was found.

use crate::agent::{Agent, Call, Question, not_understood};
use crate::answer::Answer;
use crate::bindings::{self, Bindings};
use crate::command;
use crate::documents;
use crate::dry_run;
use crate::environment::{self, Inherited, Unfinished};
use crate::error::{Error, Report};
use crate::explain::{refusal_report, refused, status_report};
use crate::flags::FlagId;
use crate::help;
use crate::options::{self, CommandLine, Format, Mode, OnConflict, Options, Variables, Word};
use crate::output::{self, Steps};
use crate::own_group;
use crate::problems::Problems;
use crate::proof::Proof;
use crate::protocol::{
    self, Ask, Delivery, FailureClass, Given, Item, MessageType, Parcel, Plan, Refusal, Request, State, Status, Supply,
    Switch,
};
use crate::secret_file;
use crate::socket;
use crate::sort::sorted_names;
use crate::sys::{self, Identity, Process, StringArray};
use crate::token;
use alloc::ffi::CString;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ffi::CStr;
use core::str::from_utf8;

const ROOT: u32 = 0;

/// Becomes the command, or does what else was asked for. Returns the exit status if this process does not become another.
#[must_use]
pub fn run(process: &Process) -> u8 {
    begin(process).unwrap_or_else(|error| {
        output::report(error.report());
        if may_want_proof(&error) {
            output::report(&Report {
                hints: own_group::why_lost(&process.identity).into_iter().collect(),
                ..Report::default()
            });
        }
        error.exit_code()
    })
}

/// Whether a proof may have been what was missing.
fn may_want_proof(error: &Error) -> bool {
    const DENIED: u8 = 121;
    matches!(error, Error::NotReachable(_) | Error::Refused(DENIED, _))
}

fn begin(process: &Process) -> Result<u8, Error> {
    own_group::set_aside(&process.identity)?;
    let mut problems = Problems::default();
    let variables = Variables::new(&process.environment, process.identity.secure);
    let options = options::parse(&process.arguments, &variables, &mut problems);
    Launch { process, variables, options, call: Cell::new(None) }.run(problems)
}

struct Launch<'a> {
    process: &'a Process,
    variables: Variables<'a>,
    options: Options,
    /// What a launcher with a group of its own did with it.
    call: Cell<Option<Call>>,
}

/// The command, as far as it is known before the delivery.
struct Prepared<'a> {
    line: CommandLine,
    /// Nothing if only the delivery will tell its `PATH`.
    program: Option<CString>,
    arguments: StringArray<'a>,
    environment: Unfinished<'a>,
    proof: Option<Proof>,
}

/// What a question is made of besides the command.
struct Matter<'a> {
    bindings: &'a Bindings,
    token: Option<Vec<u8>>,
    dry_run: bool,
}

impl Launch<'_> {
    /// Who asks for help gets it, whatever else is wrong.
    fn run(&self, mut problems: Problems) -> Result<u8, Error> {
        match self.options.mode {
            Mode::Help => return output::print(&help::help()).map(|()| 0),
            Mode::Version => return output::print(&help::version()).map(|()| 0),
            _ => {}
        }
        let mut steps = Steps::new(self.options.verbose);
        self.call_with_group(&problems)?;
        let Options { inherit, from_env, .. } = &self.options;
        let inherited = Inherited::new(&self.process.environment, inherit, *from_env, self.proves());
        let bindings = bindings::collect(&self.options, &inherited, &mut problems);
        problems.into_result()?;
        steps.done(format_args!("bindings understood: {}", bindings.secrets.len()));
        match self.options.mode {
            Mode::Check => self.check(&mut steps),
            Mode::DryRun(form) => self.dry_run(form, &inherited, &bindings, &mut steps),
            _ => self.launch(&inherited, &bindings, &mut steps),
        }
    }

    fn launch(&self, inherited: &Inherited, bindings: &Bindings, steps: &mut Steps) -> Result<u8, Error> {
        if !bindings.ask_something() {
            return Err(self.execute(self.prepare(inherited, bindings, steps)?, &[], steps));
        }
        if bindings.composed {
            return self.launch_composed(inherited, bindings, steps);
        }
        let matter = self.matter(bindings, false)?;
        let question = self.question(&matter)?;
        let prepare = |question: &mut Question<'_>, steps: &mut Steps| {
            let command = self.prepare(inherited, bindings, steps)?;
            self.prove(question, &matter, command.proof.as_ref())?;
            Ok(command)
        };
        let (command, answer) = self.ask(question, steps, prepare)?;
        let delivery = delivery(&answer, bindings)?;
        steps.done(format_args!("{} variables delivered", delivery.entries.len()));
        Err(self.execute(command, &delivery.entries, steps))
    }

    /// As the other, for what only a SUPPLY can ask for: what it leads to is known only from the answer.
    fn launch_composed(&self, inherited: &Inherited, bindings: &Bindings, steps: &mut Steps) -> Result<u8, Error> {
        let program = self.program(inherited, bindings)?;
        steps.done(format_args!("command found"));
        let proof = self.proof(program.as_deref())?;
        let answer = self.ask_composed(inherited, bindings, false, proof.as_ref(), steps)?;
        let parcel = self.parcel(&answer, bindings)?;
        steps.done(format_args!("{} variables and files delivered", parcel.items.len()));
        let place = secret_file::Place::of(self.options.secret_dir, self.identity().uid)?;
        let mut delivered = Vec::with_capacity(parcel.items.len());
        for item in &parcel.items {
            delivered.push(match item {
                Item::Variable(entry) => entry,
                Item::File(name, content) => place.make(name, content)?,
            });
        }
        let removed = parcel.removed.iter().map(|name| name.as_bytes());
        let names: Vec<&'static [u8]> =
            parcel.items.iter().map(Item::name).chain(removed).map(|name| &*name.to_vec().leak()).collect();
        let delivering = bindings.delivering(&names);
        // A `PATH` of a document is the one that the command will see.
        let program = if names.contains(&&b"PATH"[..]) { None } else { program };
        let command = self.prepared(inherited, &delivering, program, proof)?;
        Err(self.execute(command, &delivered, steps))
    }

    fn parcel<'a>(&self, answer: &'a Answer, bindings: &Bindings) -> Result<Parcel<'a>, Error> {
        if answer.header().message_type == MessageType::Refusal {
            return Err(refused(&decode_refusal(answer)?, &bindings.secrets));
        }
        let parcel = Parcel::decode(answer.body()).map_err(not_understood)?;
        self.check_names(&parcel, bindings)?;
        Ok(parcel)
    }

    /// SECURITY: an agent, or whoever answers in its place, sets no variable that documents may not set, and none twice.
    fn check_names(&self, parcel: &Parcel<'_>, bindings: &Bindings) -> Result<(), Error> {
        let taken = bindings.plain_names();
        let removed = parcel.removed.iter().map(|name| name.as_bytes());
        let names: Vec<&[u8]> = parcel.items.iter().map(Item::name).chain(removed).collect();
        let sorted = sorted_names(&names);
        let allowed = |name: &&[u8]| {
            let dangerous = from_utf8(name).is_ok_and(crate::name::is_dangerous) && !self.allows_dangerous();
            !dangerous && *name != bindings::BOUND.as_bytes() && !taken.contains(name)
        };
        let differ = sorted.windows(2).all(|pair| pair[0] != pair[1]);
        if differ && sorted.iter().all(allowed) { Ok(()) } else { Err(not_understood(FailureClass::BadValue)) }
    }

    /// Asks with documents, and with what they name once the agent wants it.
    fn ask_composed(
        &self,
        inherited: &Inherited,
        bindings: &Bindings,
        dry_run: bool,
        proof: Option<&Proof>,
        steps: &mut Steps,
    ) -> Result<Answer, Error> {
        let options = &self.options;
        let token = options.token_file.map(token::read).transpose()?;
        let stronger = bindings.plain_names();
        let passing: Vec<&[u8]> = if options.on_conflict == OnConflict::Override {
            Vec::new()
        } else {
            let text = |name: &&[u8]| from_utf8(name).is_ok_and(is_text);
            let names: Vec<&[u8]> = inherited.passing_names().filter(text).collect();
            sorted_names(&names)
        };
        let supply = Supply {
            deadline: options.timeout,
            switches: self.switches(dry_run),
            project: options.project,
            environment: options.environment,
            token: token.as_deref(),
            command: options.command.and_then(|line| audited_command(self.process.arguments[line.position])),
            proof: proof.map(Proof::said),
            backend: options.backend,
            max_age: options.max_age,
            bindings: &bindings.secrets,
            documents: &bindings.documents,
            spreads: &bindings.spreads,
            taken: &stronger,
            inherited: &passing,
        };
        let encode = |given: &Given| {
            let what = "the documents, and what they name, are too long for one request";
            supply.encode(given).ok_or_else(|| Error::Usage(Report::of(what)))
        };
        let answer = |ask: &Ask<'_>| {
            encode(&documents::give(ask, &bindings.documents, &self.process.environment, &self.variables)?)
        };
        let expected: &[MessageType] = if dry_run {
            &[MessageType::Plan, MessageType::Ask, MessageType::Refusal]
        } else {
            &[MessageType::Parcel, MessageType::Ask, MessageType::Refusal]
        };
        let question = Question {
            frame: encode(&Given::default())?,
            expected,
            timeout: u64::from(options.timeout),
            supply: Some(&answer),
        };
        self.ask(question, steps, |_, _| Ok(())).map(|((), answer)| answer)
    }

    fn switches(&self, dry_run: bool) -> u32 {
        let options = &self.options;
        let switches = [
            (dry_run, Switch::DryRun),
            (options.offline, Switch::Offline),
            (options.all, Switch::All),
            (options.raw_names, Switch::RawNames),
            (options.on_conflict == OnConflict::Keep, Switch::Keep),
            (options.on_conflict == OnConflict::Error, Switch::RefuseConflicts),
            (self.allows_dangerous(), Switch::AllowDangerous),
        ];
        switches.iter().filter(|(on, _)| *on).map(|(_, switch)| *switch as u32).sum()
    }

    fn dry_run(
        &self,
        form: Format,
        inherited: &Inherited,
        bindings: &Bindings,
        steps: &mut Steps,
    ) -> Result<u8, Error> {
        if !bindings.ask_something() {
            self.program(inherited, bindings)?;
            return output::print(&dry_run::show(&[], &[], None, form)).map(|()| 0);
        }
        if bindings.composed {
            let proof = self.proof(self.program(inherited, bindings)?.as_deref())?;
            let answer = self.ask_composed(inherited, bindings, true, proof.as_ref(), steps)?;
            return Self::show_composed(&answer, inherited, bindings, form);
        }
        let matter = self.matter(bindings, true)?;
        let question = self.question(&matter)?;
        let find = |question: &mut Question<'_>, _: &mut Steps| {
            let proof = self.proof(self.program(inherited, bindings)?.as_deref())?;
            self.prove(question, &matter, proof.as_ref())
        };
        let ((), answer) = self.ask(question, steps, find)?;
        let plan = plan(&answer, bindings)?;
        output::print(&dry_run::show(&bindings.secrets, &bindings.replaces, Some(&plan), form))?;
        output::report(&dry_run::hints(&plan));
        Ok(dry_run::status(&plan).unwrap_or(0))
    }

    fn show_composed(answer: &Answer, inherited: &Inherited, bindings: &Bindings, form: Format) -> Result<u8, Error> {
        if answer.header().message_type == MessageType::Refusal {
            return Err(refused(&decode_refusal(answer)?, &bindings.secrets));
        }
        let plan = Plan::decode_composed(answer.body()).map_err(not_understood)?;
        let replaces = |name: &[u8]| bindings.replaces_weaker(name) || inherited.passing_value(name).is_some();
        output::print(&dry_run::show_composed(&plan, replaces, form))?;
        output::report(&dry_run::hints(&plan));
        Ok(dry_run::status(&plan).unwrap_or(0))
    }

    fn check(&self, steps: &mut Steps) -> Result<u8, Error> {
        let wait = self.options.wait;
        let timeout = u64::from(self.options.timeout);
        let question = Question {
            frame: protocol::check(),
            expected: &[MessageType::Status, MessageType::Refusal],
            timeout: if wait == 0 { timeout } else { wait.min(timeout) },
            supply: None,
        };
        let answer = match self.ask(question, steps, |_, _| Ok(())) {
            Ok(((), answer)) => answer,
            // An agent that gives no answer is not ready.
            Err(Error::AgentFailed(report)) => return Err(Error::NotReachable(report)),
            Err(error) => return Err(error),
        };
        if answer.header().message_type == MessageType::Refusal {
            return Err(Error::NotReachable(refusal_report(&decode_refusal(&answer)?, &[])));
        }
        let status = Status::decode(answer.body()).map_err(not_understood)?;
        if status.state == State::Ready { Ok(0) } else { Err(Error::NotReachable(status_report(&status))) }
    }

    fn identity(&self) -> &Identity {
        &self.process.identity
    }

    /// The file of the command; nothing if there is no command, or if only the delivery will tell its `PATH`.
    fn program(&self, inherited: &Inherited, bindings: &Bindings) -> Result<Option<CString>, Error> {
        let Some(line) = self.options.command else { return Ok(None) };
        let path = |entry: &Word| entry.to_bytes().strip_prefix(b"PATH=");
        let path = match bindings.plain.iter().find_map(path) {
            Some(path) => path,
            None if bindings.sets(b"PATH") => return Ok(None),
            None => inherited.passing_value(b"PATH").unwrap_or(command::DEFAULT_PATH),
        };
        command::find(self.process.arguments[line.position], line.position, path).map(Some)
    }

    /// Whether the launcher says what it runs in a way that an agent can believe. Root's word is worth nothing: it can be anybody.
    fn proves(&self) -> bool {
        self.identity().secure && self.identity().uid != ROOT
    }

    /// SECURITY: with a group of its own the launcher uses it for one call, before it opens any file that the user names, and has none
    /// afterwards, whatever came of the call. Where the arguments are wrong, or nothing can be asked, there is none.
    fn call_with_group(&self, problems: &Problems) -> Result<(), Error> {
        if !self.identity().secure {
            return Ok(());
        }
        if problems.is_empty() && self.may_ask() {
            let paths = socket::candidates(&self.options, &self.variables, self.identity())?;
            let agent = Agent { paths: &paths, identity: self.identity(), options: &self.options };
            self.call.set(Some(agent.only_call()));
        }
        own_group::give_up(self.identity())
    }

    /// Whether there may be something to ask for, as far as the arguments tell.
    fn may_ask(&self) -> bool {
        let binds = |item: &options::Item| item.flag != FlagId::Env;
        let options = &self.options;
        options.mode == Mode::Check || options.from_env || options.all || options.items.iter().any(binds)
    }

    /// A proof is worth nothing where what runs can be told by its environment to do something else.
    fn allows_dangerous(&self) -> bool {
        self.options.allow_dangerous && !self.proves()
    }

    fn matter<'a>(&self, bindings: &'a Bindings, dry_run: bool) -> Result<Matter<'a>, Error> {
        Ok(Matter { bindings, token: self.options.token_file.map(token::read).transpose()?, dry_run })
    }

    fn question(&self, matter: &Matter<'_>) -> Result<Question<'static>, Error> {
        let expected: &[MessageType] = if matter.dry_run {
            &[MessageType::Plan, MessageType::Refusal]
        } else {
            &[MessageType::Delivery, MessageType::Refusal]
        };
        Ok(Question {
            frame: self.frame(matter, None)?,
            expected,
            timeout: u64::from(self.options.timeout),
            supply: None,
        })
    }

    fn frame(&self, matter: &Matter<'_>, proof: Option<&Proof>) -> Result<Vec<u8>, Error> {
        let request = Request {
            deadline: self.options.timeout,
            dry_run: matter.dry_run,
            project: self.options.project,
            environment: self.options.environment,
            token: matter.token.as_deref(),
            command: self.options.command.and_then(|line| audited_command(self.process.arguments[line.position])),
            proof: proof.map(Proof::said),
            allow_dangerous: self.options.allow_dangerous,
            bindings: &matter.bindings.secrets,
        };
        request.encode().ok_or_else(|| Error::Usage(Report::of("the bindings are too long for one request")))
    }

    /// The proof of the command, where the launcher can give one.
    fn proof(&self, program: Option<&CStr>) -> Result<Option<Proof>, Error> {
        let (Some(line), Some(program), true) = (self.options.command, program, self.proves()) else { return Ok(None) };
        Proof::of(program, &self.process.arguments, line.position, self.identity().uid).map(Some)
    }

    /// Adds the proof to a question that was made before the command was known.
    fn prove(&self, question: &mut Question<'_>, matter: &Matter<'_>, proof: Option<&Proof>) -> Result<(), Error> {
        if proof.is_some() {
            question.frame = self.frame(matter, proof)?;
        }
        Ok(())
    }

    /// Asks the agent. What is to be done `meanwhile` is done while it wakes up; if that fails, nothing is asked.
    fn ask<T>(
        &self,
        mut question: Question<'_>,
        steps: &mut Steps,
        meanwhile: impl FnOnce(&mut Question<'_>, &mut Steps) -> Result<T, Error>,
    ) -> Result<(T, Answer), Error> {
        let paths = match socket::candidates(&self.options, &self.variables, self.identity()) {
            Ok(paths) => paths,
            Err(error) => return meanwhile(&mut question, steps).and(Err(error)),
        };
        let agent = Agent { paths: &paths, identity: self.identity(), options: &self.options };
        let call = self.call.take().unwrap_or_else(|| agent.call());
        let done = meanwhile(&mut question, steps)?;
        Ok((done, agent.ask(call, &question, steps)?))
    }

    /// Everything of the command that does not depend on the delivery.
    fn prepare<'a>(
        &self,
        inherited: &Inherited,
        bindings: &Bindings,
        steps: &mut Steps,
    ) -> Result<Prepared<'a>, Error> {
        let program = self.program(inherited, bindings)?;
        steps.done(format_args!("command found"));
        // Who asks for nothing has nothing to prove.
        let proved = program.as_deref().filter(|_| !bindings.secrets.is_empty());
        let proof = self.proof(proved)?;
        self.prepared(inherited, bindings, program, proof)
    }

    fn prepared<'a>(
        &self,
        inherited: &Inherited,
        bindings: &Bindings,
        program: Option<CString>,
        proof: Option<Proof>,
    ) -> Result<Prepared<'a>, Error> {
        let Some(line) = self.options.command else { return Err(Error::Usage(Report::of("no command"))) };
        let words = &self.process.arguments[line.position..];
        let mut arguments = StringArray::with_capacity(words.len());
        for word in words {
            arguments.push(word);
        }
        Ok(Prepared { line, program, arguments, environment: environment::begin(inherited, bindings), proof })
    }

    /// Becomes the command. Returns only with the reason why it could not.
    fn execute<'a>(&self, command: Prepared<'a>, delivered: &[&'a CStr], steps: &mut Steps) -> Error {
        let Prepared { line, program, arguments, environment, proof } = command;
        let program = match program.map_or_else(|| self.program_in(delivered, line), Ok) {
            Ok(program) => program,
            Err(error) => return error,
        };
        let environment = environment::finish(environment, delivered);
        steps.done(format_args!("environment assembled"));
        let errno = match proof {
            // SECURITY: what was hashed, whatever has the name by now.
            Some(proof) => sys::execute_file(proof.file(), &arguments, &environment),
            None => sys::execute(&program, &arguments, &environment),
        };
        command::not_executable(self.process.arguments[line.position], line.position, &program, errno)
    }

    /// Where `PATH` itself was delivered, or removed, the command is looked up with it.
    fn program_in(&self, delivered: &[&CStr], line: CommandLine) -> Result<CString, Error> {
        let path = delivered.iter().find_map(|entry| entry.to_bytes().strip_prefix(b"PATH="));
        command::find(self.process.arguments[line.position], line.position, path.unwrap_or(command::DEFAULT_PATH))
    }
}

/// What the audit log is told of the command: nothing if it is not text that the protocol can carry.
fn audited_command(command: Word) -> Option<&'static str> {
    const LONGEST: usize = 4096;
    let text = command.to_str().ok()?;
    (text.len() <= LONGEST && is_text(text)).then_some(text)
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte.is_ascii_control())
}

fn delivery<'a>(answer: &'a Answer, bindings: &Bindings) -> Result<Delivery<'a>, Error> {
    if answer.header().message_type == MessageType::Refusal {
        return Err(refused(&decode_refusal(answer)?, &bindings.secrets));
    }
    let targets: Vec<&str> = bindings.secrets.iter().map(|binding| binding.target).collect();
    Delivery::decode(answer.body(), &targets).map_err(not_understood)
}

fn plan<'a>(answer: &'a Answer, bindings: &Bindings) -> Result<Plan<'a>, Error> {
    if answer.header().message_type == MessageType::Refusal {
        return Err(refused(&decode_refusal(answer)?, &bindings.secrets));
    }
    Plan::decode(answer.body(), bindings.secrets.len()).map_err(not_understood)
}

fn decode_refusal(answer: &Answer) -> Result<Refusal<'_>, Error> {
    Refusal::decode(answer.body()).map_err(not_understood)
}
