//! The kinds of problems. A new one is one entry of the table below.

use std::fmt;

/// Makes the [`Code`] enum from its table: variant, kebab-case name, explanation line by line.
macro_rules! codes {
    ($($variant:ident => $name:literal: [$($line:literal),+ $(,)?])+) => {
        /// The kind of a problem. `gen explain CODE` tells more about it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`.")] $variant),+
        }

        impl Code {
            /// Every code, in the order of the table.
            #[must_use]
            pub const fn all() -> &'static [Self] {
                &[$(Self::$variant),+]
            }

            /// Its name, as it is printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means, why it matters, and how it is mended, with an example.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$variant => concat!($($line, "\n"),+)),+ }
            }
        }
    };
}

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

codes! {
    ManifestSyntax => "manifest-syntax": [
        "The file is not YAML that can be read. Nothing behind the place that is shown has been looked at,",
        "so mend this first; there may be more to tell afterwards.",
        "",
        "Most often a quote or a bracket is not closed, a line is indented by one space too many, or a text",
        "needs quotes because it begins with one of @ ` % * & ! or holds a colon and a space:",
        "",
        "    command: \"echo: hello\"",
        "    image: \"@scope/name\"",
    ]
    ManifestEncoding => "manifest-encoding": [
        "The file is not UTF-8 text, or holds a control character that YAML does not allow. Editors show",
        "such characters badly or not at all, and other tools would read something else than you see.",
        "",
        "Save the file as UTF-8. Where a value really needs such a character, write it as an escape in",
        "double quotes:",
        "",
        "    description: \"a bell: \\a\"",
    ]
    DocumentTooLarge => "document-too-large": [
        "The manifest is longer than one mebibyte and is not read. A manifest of a hundred services takes",
        "less than a tenth of that, so this is probably another file.",
        "",
        "    gen validate gen.yaml",
    ]
    ManifestTooComplex => "manifest-too-complex": [
        "The manifest nests values too deeply, or repeats values by aliases so often that it would grow",
        "beyond all measure. Such files are refused before they can use up memory, because `gen` also runs",
        "in CI on files that strangers have sent.",
        "",
        "Write values out instead of nesting aliases of aliases:",
        "",
        "    x-common: &common {reload: true}",
        "    services:",
        "      web: {stack: node, dev: *common}",
    ]
    TabIndentation => "tab-indentation": [
        "A line is indented with a tab. YAML only knows spaces there, because the width of a tab differs",
        "from editor to editor and the indentation carries the meaning.",
        "",
        "Use two spaces for each level:",
        "",
        "    services:",
        "      web:",
        "        stack: node",
    ]
    DuplicateKey => "duplicate-key": [
        "The same key stands twice in one mapping. YAML forbids it: readers differ in which of the two they",
        "take, so one of the values would be lost without a word.",
        "",
        "Keep one of them, or merge what is below both:",
        "",
        "    services:",
        "      web:",
        "        environment: {A: \"1\", B: \"2\"}",
    ]
    MergeKey => "merge-key": [
        "The manifest has a merge key, `<<`. It was an extension of YAML 1.1 that YAML 1.2 no longer has,",
        "and readers differ in what it does with keys that are there twice.",
        "",
        "Write the keys out. A whole value can still be named and repeated:",
        "",
        "    x-limits: &limits {memory: 512M}",
        "    services:",
        "      web: {stack: node, prod: {resources: *limits}}",
    ]
    CustomTag => "custom-tag": [
        "A value carries a tag, a word that begins with `!`. The manifest has no tags of its own, so the tag",
        "would have no effect; perhaps a text was meant that begins with an exclamation mark.",
        "",
        "    path: \"!important\"",
    ]
    SeveralDocuments => "several-documents": [
        "The file holds several YAML documents, parted by `---` or `...`. A manifest is one document, and",
        "only one would be used.",
        "",
        "Keep one, and remove the line that parts them. A second project has its own file, which is named",
        "with `gen --file other.yaml`.",
    ]
    EmptyManifest => "empty-manifest": [
        "The manifest holds nothing but blanks and comments. There is nothing to generate from it.",
        "",
        "This is one to begin with:",
        "",
        "    version: 1",
        "    name: shop",
        "    services:",
        "      web: {stack: node}",
    ]
    NotAMapping => "not-a-mapping": [
        "The manifest is a list or a single value, so there is nothing to look keys up in. It has to be a",
        "mapping. The smallest one is this:",
        "",
        "    version: 1",
        "    name: shop",
        "    services:",
        "      web: {stack: node}",
    ]
    KeyNotText => "key-not-text": [
        "A key is a number, a boolean, nothing, or a list. Keys of the manifest are names, and YAML reads",
        "some names as other things: `1`, `true`, `null`. Curly brackets begin a mapping, so a template like",
        "`{{ name }}` is read as a key that is a mapping.",
        "",
        "Put such a key, or such a text, in quotes:",
        "",
        "    labels: {\"1\": \"first\"}",
        "    description: \"{{ name }}\"",
    ]
    UnreadableValue => "unreadable-value": [
        "A value has the shape that the schema asks for and still cannot be read. That is a fault of `gen`,",
        "not of the manifest: the schema should have said what is wrong.",
        "",
        "Please report it with the manifest. Writing the value in its simplest form often helps until then.",
    ]
    UnknownKey => "unknown-key": [
        "A key is not known at this place. It would have no effect, so it is refused: most often it is a",
        "slip of the hand, or it belongs one level up or down.",
        "",
        "`gen schema` prints every key with its meaning, and editors that know the schema complete them.",
        "Keys that begin with `x-` are yours and are passed over:",
        "",
        "    x-owner: team-shop",
        "    services:",
        "      web:",
        "        stack: node",
        "        prod: {replicas: 2}",
    ]
    MissingKey => "missing-key": [
        "A key that has no default is not there. `gen` fills in whatever it can infer, so the few keys that",
        "it asks for are those that only you can know.",
        "",
        "    version: 1",
        "    name: shop",
        "    services:",
        "      web: {stack: node}",
    ]
    WrongType => "wrong-type": [
        "A value is of another kind than the key takes: a text instead of a list, a number instead of a",
        "text. It is not converted silently, because YAML readers differ in what they make of such values:",
        "`3.10` is a number to most of them and becomes `3.1`.",
        "",
        "Texts that look like numbers or booleans are put in quotes; booleans are only `true` and `false`;",
        "a list of one item is still a list:",
        "",
        "    command: [node, server.js, --port, \"8000\"]",
        "    host_access: true",
        "    source: [src]",
    ]
    UnknownValue => "unknown-value": [
        "The key takes one of a few words, and this is none of them. The message lists the words; case and",
        "spelling count.",
        "",
        "    engine: podman",
        "    services:",
        "      web:",
        "        stack: node",
        "        prod: {restart: on-failure}",
    ]
    BadFormat => "bad-format": [
        "The value is of the right kind, but not spelled as the key needs it. The value is printed into",
        "files of several formats, so only spellings that mean the same in all of them are taken.",
        "",
        "    services:",
        "      web:",
        "        healthcheck: {http: /health, interval: 10s}",
        "        prod: {resources: {memory: 512M, cpus: \"0.5\"}}",
    ]
    OutOfRange => "out-of-range": [
        "The number is too small or too large for the key. Ports go from 1 to 65535; the message says what",
        "the key takes.",
        "",
        "    services:",
        "      web: {stack: node, port: 8000}",
    ]
    EmptyCollection => "empty-collection": [
        "A list or a mapping is empty where at least one item is needed. An empty command cannot be run, and",
        "a project without services has no files.",
        "",
        "Write an item, or leave the key out so that its default is used:",
        "",
        "    command: [node, server.js]",
    ]
    BadName => "bad-name": [
        "The name is not one that can be used at this place. Names of services become host names, container",
        "names and parts of image names; names of variables are read by shells. Each allows fewer",
        "characters than YAML does.",
        "",
        "    services:",
        "      web-app:",
        "        environment: {LOG_LEVEL: info}",
    ]
    BadValue => "bad-value": [
        "The value does not fit the key, in a way for which there is no better message. Its description in",
        "the output of `gen schema` says what the key takes.",
        "",
        "If the message did not help, please report it with the manifest, so that it becomes a better one.",
    ]
    NewerManifest => "newer-manifest": [
        "The manifest names a format that is newer than this `gen`. Its keys may mean something else, so",
        "nothing is read and nothing is written; the exit code is 6.",
        "",
        "Install the version of `gen` that the project uses. Do not lower the number: it names the format",
        "that the rest of the file is written in.",
        "",
        "    version: 1",
    ]
    UnknownService => "unknown-service": [
        "A name is used like a service's, but no service has that name. The engines would refuse to start",
        "the project, or a request would be sent to nowhere.",
        "",
        "Names under `depends_on`, `extends` and `routes` are keys of `services`:",
        "",
        "    services:",
        "      web: {stack: node, depends_on: [db]}",
        "      db: {preset: postgres}",
    ]
    DependencyCycle => "dependency-cycle": [
        "Services wait for each other in a circle, so none of them can ever start first. The message lists",
        "the circle.",
        "",
        "Break it at the service that can start without the other and tries again until it answers:",
        "",
        "    services:",
        "      api: {stack: go, depends_on: [db]}",
        "      web: {stack: node, depends_on: [api]}",
        "      db: {preset: postgres}",
    ]
    PortClash => "port-clash": [
        "Two services publish the same port on the host. Only one program can listen there, so the second",
        "container would fail to start.",
        "",
        "Publish one of them under another port, or not at all. Services reach each other without it:",
        "",
        "    services:",
        "      web: {stack: node, port: 3000}",
        "      admin: {stack: node, path: admin, port: 3000, publish: 3001}",
        "      db: {preset: postgres, publish: false}",
    ]
    UndeclaredVolume => "undeclared-volume": [
        "Several services mount a volume that is not listed under `volumes` of the project. Volumes that are",
        "shared are listed there, so that two services do not share data by an accident of naming. Where the",
        "project lists volumes at all, it lists every one that the manifest names.",
        "",
        "    volumes:",
        "      uploads: {description: pictures that users have sent}",
        "    services:",
        "      web: {stack: node, volumes: {uploads: /app/uploads}}",
        "      worker: {extends: web, command: [node, worker.js], volumes: {uploads: /app/uploads}}",
    ]
    UndeclaredSecret => "undeclared-secret": [
        "A service reads a secret that the project does not know, or looks for the file of one that it does",
        "not list. There would be no file of that name.",
        "",
        "List it under `secrets` of the project; its value goes to the file `secrets/NAME`, which is never",
        "committed. Secrets of a preset are there already, under the name `SERVICE_password`:",
        "",
        "    secrets:",
        "      api_token: {description: token of the payment provider}",
        "    services:",
        "      web: {stack: node, secrets: [api_token]}",
    ]
    MissingFolder => "missing-folder": [
        "The manifest names a folder that is not there. A build that copies it would fail, and an engine",
        "that mounts it would make an empty one in its place.",
        "",
        "Paths are relative to the manifest, or to the `path` of their service:",
        "",
        "    services:",
        "      web: {stack: node, path: frontend, source: [src]}",
    ]
    MissingFile => "missing-file": [
        "The manifest names a file that is not there. The build would fail when it copies the file.",
        "",
        "Create it, or mend its path, which is relative to the `path` of the service:",
        "",
        "    services:",
        "      api:",
        "        stack: python",
        "        python: {requirements: [requirements/base.txt]}",
    ]
    MissingLockFile => "missing-lock-file": [
        "The package manager of the service has no lock file beside its manifest. Without one, each build",
        "may install other versions, and the cache of dependencies is of no use.",
        "",
        "Make it with the manager itself, and commit it: `npm install`, `pnpm install`, `uv lock`,",
        "`poetry lock`, `go mod tidy`. Or name the manager that the project really uses:",
        "",
        "    services:",
        "      web: {stack: node, manager: pnpm}",
    ]
    UnknownVersion => "unknown-version": [
        "No image is known for this version of the language or preset. The build would fail when it pulls",
        "the image; most often a digit is wrong. `3.10` and `3.1` are two versions: `gen` keeps numbers as",
        "they are written, but other tools may have dropped the zero.",
        "",
        "    services:",
        "      api: {stack: python, version: \"3.13\"}",
    ]
    EndOfLifeVersion => "end-of-life-version": [
        "The version gets no more security updates from its makers. Images of it are no longer rebuilt, so",
        "known holes stay open.",
        "",
        "Move to a version that is maintained:",
        "",
        "    services:",
        "      web: {stack: node, version: \"22\"}",
    ]
    NewerVersion => "newer-version": [
        "The version is newer than those that this `gen` knows. It may work: the generated files follow the",
        "newest version that is known. The image may be missing, or its contents may have moved.",
        "",
        "Look at the first build, or install a newer `gen`:",
        "",
        "    services:",
        "      web: {stack: node, version: \"24\"}",
    ]
    UnsupportedStack => "unsupported-stack": [
        "The stack is known, so that `gen detect` can name it, but there is no Dockerfile for it yet.",
        "",
        "Until there is, write a Dockerfile with the stages `development` and `production`; `gen` uses it",
        "and makes everything else. The service is then described like any other:",
        "",
        "    services:",
        "      api: {dockerfile: Dockerfile, path: api, port: 8080}",
    ]
    UnsupportedManager => "unsupported-manager": [
        "The package manager is known, but there are no build steps for it yet. Steps that only look right",
        "would build an image with other packages than yours.",
        "",
        "Use one that is supported, or write a Dockerfile for this service:",
        "",
        "    services:",
        "      api: {stack: python, manager: uv}",
    ]
    UnknownManager => "unknown-manager": [
        "The package manager is not one of the stack's. Python has `pip`, `poetry` and `uv`; Node has `npm`,",
        "`pnpm` and `yarn`. A version may follow behind an `@`.",
        "",
        "    services:",
        "      web: {stack: node, manager: pnpm@10.12.1}",
    ]
    UnknownPreset => "unknown-preset": [
        "There is no preset of that name. A preset is a backing service with health check, volume, secret",
        "and backup command. Any other image is used with `image`:",
        "",
        "    services:",
        "      db: {preset: postgres, version: \"17\"}",
        "      search:",
        "        image: docker.io/getmeili/meilisearch:v1.15",
        "        port: 7700",
        "        volumes: {search: /meili_data}",
    ]
    BadPath => "bad-path": [
        "The path cannot be used. Paths of the project are relative, use `/`, do not leave the project with",
        "`..`, and hold letters, digits and `._-+@=,~`: such paths mean the same in Dockerfiles, Compose",
        "files and shells on every system. Paths inside a container are absolute.",
        "",
        "    services:",
        "      web:",
        "        stack: node",
        "        path: apps/web",
        "        volumes: {uploads: /app/uploads}",
    ]
    BadMount => "bad-mount": [
        "The mount is not one that can be made. On the left is the name of a volume, or a folder of the",
        "project that begins with `./`; on the right is an absolute path in the container, with `:ro` behind",
        "it if it is only read.",
        "",
        "    volumes:",
        "      uploads: /app/uploads",
        "      ./config: /app/config:ro",
    ]
    ForbiddenMount => "forbidden-mount": [
        "The mount would hand over a part of the host, or hide a part of the image, that must stay as it is:",
        "system and home folders, the socket of the engine, `/`, `/proc`, `/sys`, `/dev` or `/run/secrets`.",
        "With SELinux, labelling such a folder can make the host unusable.",
        "",
        "Mount a folder of the project, or a volume:",
        "",
        "    volumes:",
        "      ./config: /app/config:ro",
    ]
    NestedMount => "nested-mount": [
        "One mount lies inside another one of the same service. Which of the two is seen depends on the",
        "engine and on the order, and the engine creates folders in the outer one that belong to the wrong",
        "user. Nor do developers see what the image has below a folder that their source is mounted at.",
        "",
        "Mount them beside each other:",
        "",
        "    volumes:",
        "      data: /var/lib/app/data",
        "      cache: /var/lib/app/cache",
    ]
    SecretLiteral => "secret-literal": [
        "A value looks like a secret: a password, a token, a private key. The manifest and everything that",
        "is generated from it are committed, so the secret would be in the history for ever.",
        "",
        "Declare it as a secret; the service finds its value in the file `/run/secrets/NAME`:",
        "",
        "    secrets:",
        "      api_token: {description: token of the payment provider}",
        "    services:",
        "      web:",
        "        stack: node",
        "        secrets: [api_token]",
        "        environment: {API_TOKEN_FILE: /run/secrets/api_token}",
        "",
        "If it is in the history already, replace it at its provider.",
    ]
    ImageNameClash => "image-name-clash": [
        "Two services would build images of the same name, so each build would overwrite the other one.",
        "",
        "Give one of them a name of its own, or let it share the other one's image with `extends`:",
        "",
        "    services:",
        "      web: {stack: node}",
        "      worker: {extends: web, command: [node, worker.js]}",
    ]
    ImageNotQualified => "image-not-qualified": [
        "The image has no registry, or neither tag nor digest. Docker and Podman complete short names in",
        "different ways, and an image without a tag is another one tomorrow.",
        "",
        "Write all of it; images of Docker Hub begin with `docker.io/`, official ones with",
        "`docker.io/library/`:",
        "",
        "    services:",
        "      search: {image: \"docker.io/getmeili/meilisearch:v1.15\"}",
    ]
    ServiceKind => "service-kind": [
        "A service says in exactly one way what it is: `stack` (a Dockerfile is generated), `dockerfile`",
        "(yours is used), `preset` (a ready-made backing service), `image` (any other image) or `extends`",
        "(another service's image). This one says it in none or in several.",
        "",
        "`image` beside `stack` or `dockerfile` is the name of the image that is built, and counts for",
        "nothing here.",
        "",
        "    services:",
        "      web: {stack: node}",
        "      db: {preset: postgres}",
        "      worker: {extends: web, command: [node, worker.js]}",
    ]
    NotApplicable => "not-applicable": [
        "The key has no effect for this kind of service: `packages` of a ready-made image, say, or `python`",
        "of a Node service. It is refused because whoever wrote it expects something of it.",
        "",
        "Remove it, or move it to the service that it belongs to:",
        "",
        "    services:",
        "      api: {stack: python, packages: {runtime: [ffmpeg]}}",
        "      db: {preset: postgres}",
    ]
    MissingCommand => "missing-command": [
        "The service does not say what it runs, and it cannot be inferred from its files. The container",
        "would have nothing to start.",
        "",
        "    services:",
        "      api:",
        "        stack: python",
        "        command: [uvicorn, shop.app:app, --host, 0.0.0.0, --port, \"8000\"]",
    ]
    ReplicasNeedFront => "replicas-need-front": [
        "Production runs several containers of a service that publishes a port of the host. Only one of them",
        "can listen there, so the others would fail to start.",
        "",
        "Publish a front instead, which spreads the requests:",
        "",
        "    services:",
        "      web: {stack: node, port: 3000, publish: false, prod: {replicas: 3}}",
        "      front: {preset: caddy, port: 8080, routes: {/: web}}",
    ]
    LiteralDollar => "literal-dollar": [
        "The value holds `${…}` or `$NAME`, and stays exactly as it is written: `gen` doubles the dollar, so",
        "that Compose does not replace it. If it was meant to come from the host, it will not.",
        "",
        "Take a variable from the host's environment or from `.env` like this:",
        "",
        "    environment:",
        "      LOG_LEVEL: {from: LOG_LEVEL, default: info}",
    ]
    BadCommandLine => "bad-command-line": [
        "The command is one line that cannot be split into words, or needs a shell that it is not given to:",
        "a quote is not closed, or it uses `&&`, `|`, `>` or `$`. Commands run without a shell, so that",
        "signals reach the program and images without a shell work.",
        "",
        "Write the words as a list, or put what needs a shell into a script:",
        "",
        "    command: [node, server.js, --title, \"My shop\"]",
    ]
    BadHealthcheck => "bad-healthcheck": [
        "The health check says in none or in several ways how it asks, or asks in a way that this service",
        "cannot answer: `http`, `tcp` and `grpc` need a `port`. Exactly one of `http`, `tcp`, `grpc`,",
        "`command` and `disable` is written.",
        "",
        "    services:",
        "      web: {stack: node, port: 3000, healthcheck: {http: /health, interval: 10s}}",
    ]
    BadPackageName => "bad-package-name": [
        "The name is not one of a system package. Names go into a command line of the Dockerfile, so only",
        "lower-case letters, digits and `+-.` are taken; a version may follow behind a `=`.",
        "",
        "    packages: {build: [build-essential], runtime: [ffmpeg, \"libpq5\"]}",
    ]
    BadControlCharacter => "bad-control-character": [
        "The value holds a control character or a line break that one of the generated files cannot carry.",
        "It would end a line of a Dockerfile or of an environment file, and what follows would be read as",
        "something else.",
        "",
        "Write it on one line; put longer texts into a file that the service reads:",
        "",
        "    environment: {GREETING: \"hello, world\"}",
    ]
    ReservedName => "reserved-name": [
        "The name is used by `gen` or by the engines themselves, so something of yours would be replaced or",
        "hidden.",
        "",
        "Choose another one:",
        "",
        "    services:",
        "      web-server: {stack: node}",
    ]
    LowPort => "low-port": [
        "The port is below 1024. Engines that run without privileges, like rootless Podman, cannot publish",
        "such ports of the host, and a program without privileges cannot listen on them in a container.",
        "",
        "Use a port from 1024 on; a reverse proxy of the host may listen on 80 and 443. Where only Docker",
        "is used, `engine: docker` says so, and there is no warning:",
        "",
        "    services:",
        "      web: {stack: node, port: 3000, publish: 8080}",
    ]
    UnusedDeclaration => "unused-declaration": [
        "A secret or a volume is declared at the top of the manifest, and no service uses it. Most often a",
        "service was renamed or removed, or lists it under another name.",
        "",
        "Name it in the service that needs it, or remove it:",
        "",
        "    secrets:",
        "      api_token: {description: token of the payment provider}",
        "    services:",
        "      web: {stack: node, secrets: [api_token]}",
    ]
    BadSnippet => "bad-snippet": [
        "The text is not one or more whole instructions of a Dockerfile. It is put at the end of its stage as",
        "it is written, so a `FROM` would end the stage, and an unfinished line would swallow the next one.",
        "",
        "    services:",
        "      web:",
        "        stack: node",
        "        build:",
        "          snippets:",
        "            base: [\"RUN install -d /app/cache\"]",
    ]
    BadCondition => "bad-condition": [
        "A service waits for something that never comes: for a service without health check to be healthy, or",
        "for one that runs on to end. It would never start.",
        "",
        "Wait for `service_started`, or leave the condition out: `gen` then waits for health where there is a",
        "health check. What has to be done before a service starts is its `migrate`:",
        "",
        "    services:",
        "      web:",
        "        stack: node",
        "        depends_on: {db: {condition: service_healthy}}",
        "        migrate: [npm, run, migrate]",
        "      db: {preset: postgres}",
    ]
    InactiveDependency => "inactive-dependency": [
        "A service waits for another one, or sends requests to it, that is not started with it because it has",
        "other `profiles`. Docker Compose refuses such a project as a whole.",
        "",
        "Give both the same profiles, or none:",
        "",
        "    services:",
        "      web: {stack: node, depends_on: [db]}",
        "      db: {preset: postgres}",
        "      mail: {preset: mailpit, profiles: [mail]}",
    ]
    MissingStage => "missing-stage": [
        "A Dockerfile of your own lacks a stage that the compose files build. Developers run the stage",
        "`development`, everybody else the stage `production`.",
        "",
        "Name the stages in their `FROM` lines; where both are the same, one can begin with the other",
        "(`FROM production AS development`):",
        "",
        "    services:",
        "      api: {dockerfile: Dockerfile, path: api, port: 8080}",
    ]
    UnsupportedBase => "unsupported-base": [
        "The stack, or this version of it, has no such base: not every language has an image without a",
        "shell, and packages of Debian cannot be installed on Alpine. A distroless image has neither a",
        "shell nor a package manager: nothing can be installed in it, and no `RUN` line runs.",
        "",
        "`slim` is there for every stack:",
        "",
        "    services:",
        "      api: {stack: python, base: slim}",
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: BTreeSet<_> = Code::all().iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::all().len());
        for name in names {
            assert!(name.split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
            }));
            assert_eq!(Code::parse(name).map(Code::as_str), Some(name));
        }
        assert_eq!(Code::parse("no-such-code"), None);
    }

    #[test]
    fn explanations_have_two_sentences_and_short_lines() {
        for code in Code::all() {
            let text = code.explain();
            let sentences =
                [". ", ".\n", ":\n"].map(|end| text.matches(end).count()).iter().sum::<usize>();
            assert!(sentences >= 2, "{code}: {text}");
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{code}");
            assert!(!text.contains("TODO"), "{code}");
        }
    }

    /// Examples that claim to be a manifest are one, as far as their shape goes.
    #[test]
    fn examples_fit_the_schema() {
        for code in Code::all() {
            let mut example: String = code
                .explain()
                .lines()
                .filter_map(|line| line.strip_prefix("    "))
                .map(|line| format!("{line}\n"))
                .collect();
            if !example.contains("services:") {
                continue;
            }
            for (key, line) in [("version: ", "version: 1\n"), ("name: ", "name: shop\n")] {
                if !example.lines().any(|line| line.starts_with(key)) {
                    example.insert_str(0, line);
                }
            }
            let document = crate::document::Document::parse(code.as_str(), example.as_bytes())
                .expect("an example can be read");
            let problems = crate::schema::check(&document);
            let text = crate::diagnostic::render(&document, &problems, false);
            assert!(problems.is_empty(), "{text}");
        }
    }
}
