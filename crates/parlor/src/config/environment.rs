//! The settings that come from the environment.

use figment::providers::Env;
use figment::value::UncasedStr;

/// `PARLOR_…` variables that are not settings of the file: those of `dev`, of
/// the first account, of the commands that talk to a server, and of logging.
const OTHERS: [&str; 7] =
    ["ADMIN_EMAIL", "ADMIN_PASSWORD", "API_KEY", "LOG", "ORGANIZATION", "RATE_LIMITS", "URL"];

/// `PARLOR_…`, where `__` stands between a section and its key.
pub(super) fn settings() -> Env {
    Env::prefixed("PARLOR_").split("__").filter(is_setting)
}

fn is_setting(key: &UncasedStr) -> bool {
    !OTHERS.iter().any(|other| key == *other)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use figment::Figment;
    use figment::error::Kind;
    use figment::providers::Serialized;

    use super::{UncasedStr, is_setting};
    use crate::Cli;
    use crate::config::Config;

    /// Whether the file has a key of this path. A value of the wrong type is
    /// refused for its type, which shows that the key is known.
    fn is_known(path: &str) -> bool {
        let config = Figment::from(Serialized::defaults(Config::default())).merge((path, 1));
        let read = config.extract::<Config>();
        !read.is_err_and(|error| matches!(error.kind, Kind::UnknownField(..)))
    }

    fn variables(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().filter_map(|argument| argument.get_env());
        let own = own.map(|name| name.to_str().unwrap().to_owned());
        own.chain(command.get_subcommands().flat_map(variables)).collect()
    }

    #[test]
    fn no_variable_of_a_command_keeps_the_configuration_from_being_read() {
        let variables = variables(&Cli::command());
        assert!(variables.iter().any(|name| name == "PARLOR_URL"), "{variables:?}");
        for variable in variables {
            let name = variable.strip_prefix("PARLOR_").unwrap().to_lowercase();
            let path = name.replace("__", ".");
            assert!(
                !is_setting(UncasedStr::new(&path)) || is_known(&path),
                "{variable}: `parlor serve` takes it for a setting, and would not start"
            );
        }
        assert!(is_known("media.udp_port") && !is_known("media.udp_prot") && !is_known("nothing"));
    }
}
