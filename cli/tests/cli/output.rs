//! The output of the commands besides `check`, whose formats have tests of their own.

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED};
use crate::snapshot::compare;

#[test]
fn commands_have_the_output_of_their_snapshots() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED), ("plain.yaml", BASELINE), ("agent.yaml", PRIVILEGED)]);
    for (name, arguments) in [
        ("help.txt", "--help"),
        ("check.help.txt", "check --help"),
        ("fix.help.txt", "fix --help"),
        ("explain.list.txt", "explain"),
        ("fix.diff.txt", "fix ."),
        ("compare.txt", "compare --from baseline:v1.24 --to restricted ."),
        ("policy.txt", "policy --level baseline --version v1.30"),
        ("migrate.psact.help.txt", "migrate psact --help"),
        ("man.txt", "man"),
    ] {
        let run = folder.run(arguments);
        compare(name, &(run.out + &run.err));
    }
}

#[test]
fn every_check_is_explained_as_in_the_snapshot() {
    let folder = Folder::new(&[]);
    let checks = folder.run("explain").out;
    let ids = checks.lines().take_while(|line| !line.is_empty()).map(|line| line.split(' ').next().unwrap());
    let all: Vec<String> = ids.map(|id| folder.run(&format!("explain {id}")).out).collect();
    assert_eq!(all.len(), 19);
    compare("explain.txt", &all.join("\n----\n\n"));
}
