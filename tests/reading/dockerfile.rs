//! Dockerfiles: the instructions by `parse-dockerfile`, their words by the rules of the builders.

use parse_dockerfile::{Command, HealthcheckArguments, Instruction, Source};

use super::{ACTIVE, Fact, Facts, shell};

pub fn read(text: &str) -> Result<Facts, String> {
    // The builders take an empty list for none; the parser wants a word.
    let text = &text.replace("\nENTRYPOINT []\n", "\nENTRYPOINT [\"\"]\n");
    let file = parse_dockerfile::parse(text).map_err(|error| error.to_string())?;
    let mut facts = Facts::new();
    let mut stage = String::new();
    for instruction in &file.instructions {
        if let Instruction::From(from) = instruction {
            stage = from.as_.as_ref().map_or("", |(_, name)| &name.value).to_owned();
        }
        let (kind, fact) = describe(instruction)?;
        facts.push((format!("{stage}/{kind}"), fact));
    }
    Ok(facts)
}

fn describe(instruction: &Instruction<'_>) -> Result<(&'static str, Fact), String> {
    let flags = |options: &[parse_dockerfile::Flag<'_>]| -> Vec<String> {
        let one = |flag: &parse_dockerfile::Flag<'_>| {
            let value = flag.value.as_ref().map_or("", |value| &value.value);
            format!("--{}={value}", flag.name.value)
        };
        options.iter().map(one).collect()
    };
    Ok(match instruction {
        Instruction::From(from) => {
            ("FROM", words([flags(&from.options), vec![from.image.value.to_string()]]))
        }
        Instruction::Arg(arg) => ("ARG", Fact::Words(assignments(&arg.arguments.value)?)),
        Instruction::Env(env) => ("ENV", Fact::Words(assignments(&env.arguments.value)?)),
        Instruction::Label(label) => ("LABEL", Fact::Words(assignments(&label.arguments.value)?)),
        Instruction::Copy(copy) => {
            let source = |source: &Source<'_>| match source {
                Source::Path(path) => assignments(&path.value),
                other => Ok(vec![format!("{ACTIVE}{other:?}")]),
            };
            let sources: Result<Vec<_>, _> = copy.src.iter().map(source).collect();
            let dest = assignments(&copy.dest.value)?;
            ("COPY", words([flags(&copy.options), sources?.concat(), dest]))
        }
        Instruction::Run(run) => {
            let mut all = flags(&run.options);
            all.extend(run.here_docs.iter().map(|text| format!("{ACTIVE}<<{}", text.value)));
            all.extend(command(&run.arguments)?);
            ("RUN", Fact::Words(all))
        }
        Instruction::Cmd(cmd) => ("CMD", Fact::Words(shell::watched(command(&cmd.arguments)?))),
        Instruction::Entrypoint(entry) => ("ENTRYPOINT", Fact::Words(command(&entry.arguments)?)),
        Instruction::Healthcheck(health) => {
            let test = match &health.arguments {
                HealthcheckArguments::Cmd { arguments, .. } => command(arguments)?,
                _ => vec![format!("{ACTIVE}NONE")],
            };
            ("HEALTHCHECK", words([flags(&health.options), test]))
        }
        Instruction::Workdir(dir) => ("WORKDIR", Fact::Text(dir.arguments.value.to_string())),
        Instruction::User(user) => ("USER", Fact::Text(user.arguments.value.to_string())),
        Instruction::Expose(expose) => {
            let ports = expose.arguments.iter().map(|port| port.value.to_string());
            ("EXPOSE", Fact::Words(ports.collect()))
        }
        other => ("other", Fact::Text(format!("{ACTIVE}{other:?}"))),
    })
}

fn words<const N: usize>(parts: [Vec<String>; N]) -> Fact {
    Fact::Words(parts.concat())
}

fn command(command: &Command<'_>) -> Result<Vec<String>, String> {
    match command {
        Command::Exec(words) => Ok(words.value.iter().map(|word| word.value.to_string()).collect()),
        Command::Shell(line) => shell::words(&joined(line.value)),
        other => Err(format!("a command of another form: {other:?}")),
    }
}

/// The lines of an instruction as the builders hand them to a shell: a line that ends with a `\`
/// goes on in the next, and comments between them are gone.
pub fn joined(text: &str) -> String {
    let mut out = String::new();
    let mut continued = false;
    for line in text.split('\n') {
        if continued && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        match line.trim_end_matches([' ', '\t']).strip_suffix('\\') {
            Some(before) => {
                out.push_str(before);
                continued = true;
            }
            None => {
                out.push_str(line);
                continued = false;
            }
        }
    }
    out
}

/// The words of `ARG`, `COPY`, `ENV` and `LABEL`: quotes and escapes are undone, what would be replaced is
/// marked (BuildKit's `frontend/dockerfile/shell`).
fn assignments(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begun = false;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('\\', None) => word.extend(characters.next()),
            ('\\', Some('"')) if matches!(characters.peek(), Some('"' | '$' | '\\')) => {
                word.extend(characters.next());
            }
            ('$', None | Some('"')) => word.extend([ACTIVE, '$']),
            (' ' | '\t', None) => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
                continue;
            }
            ('\n', _) => return Err(format!("a line break in {text:?}")),
            _ => word.push(c),
        }
        begun = true;
    }
    if quote.is_some() {
        return Err(format!("an open quote in {text:?}"));
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

/// The instructions as BuildKit divides a file into them (`frontend/dockerfile/parser`), by their
/// keywords; stages with their image. The parser above knows texts (`<<EOF`) only as the first word.
pub fn kinds(text: &str) -> Result<Vec<String>, String> {
    let mut kinds = Vec::new();
    let mut lines = text.split('\n');
    while let Some(first) = lines.next() {
        let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if is_blank(first) {
            continue;
        }
        let mut whole = String::new();
        let mut line = first;
        loop {
            let end = line.trim_end_matches([' ', '\t']);
            // A `\` behind another one ends nothing.
            let goes_on = end.ends_with('\\') && !end.ends_with("\\\\");
            whole.push_str(if goes_on { &end[..end.len() - 1] } else { line });
            if !goes_on {
                break;
            }
            line = lines.by_ref().find(|line| !is_blank(line)).ok_or("it ends behind a `\\`")?;
        }
        let mut words = raw_words(&whole).into_iter();
        let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
        if keyword.chars().any(|c| !c.is_ascii_uppercase()) {
            return Err(format!("{keyword:?} is no instruction:\n{text}"));
        }
        let first = words.clone().next().unwrap_or_default();
        let takes_texts = ["RUN", "COPY", "ADD", "ONBUILD"].contains(&keyword.as_str());
        kinds.push(if keyword == "FROM" { format!("FROM {first}") } else { keyword });
        for word in words.filter(|_| takes_texts) {
            let Some(rest) = word.trim_start_matches(char::is_numeric).strip_prefix("<<") else {
                continue;
            };
            let name = rest.strip_prefix('-').unwrap_or(rest).replace(['"', '\''], "");
            if name.is_empty() || name.contains('<') {
                continue;
            }
            let ends = |line: &str| {
                line == name || rest.starts_with('-') && line.trim_start_matches('\t') == name
            };
            lines.by_ref().find(|line| ends(line)).ok_or(format!("`<<{name}` does not end"))?;
        }
    }
    Ok(kinds)
}

/// The words of a line, with their quotes and escapes.
fn raw_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (_, None) if c.is_whitespace() => words.push(String::new()),
            _ => {
                let word = words.last_mut().expect("one at least");
                word.push(c);
                match (c, quote) {
                    ('\\', None | Some('"')) => word.extend(characters.next()),
                    ('"' | '\'', None) => quote = Some(c),
                    (_, Some(open)) if c == open => quote = None,
                    _ => {}
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The lines that `RUN` instructions give to a shell.
pub fn runs(text: &str) -> Result<Vec<String>, String> {
    let text = &text.replace("\nENTRYPOINT []\n", "\nENTRYPOINT [\"\"]\n");
    let file = parse_dockerfile::parse(text).map_err(|error| error.to_string())?;
    let line = |instruction: &Instruction<'_>| match instruction {
        Instruction::Run(run) => match &run.arguments {
            Command::Shell(line) => Some(joined(line.value)),
            _ => None,
        },
        _ => None,
    };
    Ok(file.instructions.iter().filter_map(line).collect())
}
