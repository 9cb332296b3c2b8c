//! `pss explain`, `compare`, `policy`, `completions` and `man`.

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED, run};

#[test]
fn explain_accepts_checks_messages_and_events() {
    let folder = Folder::new(&[]);
    let explain = |about: &str| folder.run_with(&["explain", about], "");
    explain("hostPorts").assert(0, &["hostPorts (baseline): Ports of the node", "Allowed: not set, 0"]);
    explain("hostports").assert(0, &["hostPorts (baseline)"]);
    let message = "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": privileged (container \"web\" must not set \
                   securityContext.privileged=true), runAsNonRoot != true (pod or container \"web\" must set \
                   securityContext.runAsNonRoot=true)";
    let event = format!("6m  Warning  FailedCreate  replicaset/web-5d4f  Error creating: {message}");
    for text in [message, &event] {
        let run = explain(text);
        run.assert(0, &["privileged (baseline)", "runAsNonRoot (restricted)"]);
        assert!(!run.out.contains("hostPorts"), "{}", run.out);
    }
    folder.run_with(&["explain", "-"], &event).assert(0, &["privileged (baseline)"]);
    folder.run("explain").assert(0, &["allowPrivilegeEscalation    restricted  Privilege escalation"]);
    explain("hostPort").assert(0, &["hostPorts (baseline)"]);
    explain("privilegd").assert(3, &["did you mean \"privileged\"?"]);
    explain("Volume Types").assert(0, &["restrictedVolumes (restricted)", "Also called:         Volume Types"]);
    explain("Capabilities").assert(0, &["capabilities_baseline (baseline)", "capabilities_restricted (restricted)"]);
    explain("volumes").assert(3, &["did you mean \"hostPathVolumes\" or \"restrictedVolumes\"?"]);
    explain("something else").assert(3, &["no check has this name"]);
}

#[test]
fn compare_lists_what_changes() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED), ("plain.yaml", BASELINE), ("agent.yaml", PRIVILEGED)]);
    let run = folder.run("compare --from baseline --to restricted .");
    run.assert(
        1,
        &["From baseline:latest to restricted:latest", "plain.yaml:1: Pod plain will be rejected", "+ plain.yaml:4 runAsNonRoot: "],
    );
    assert!(run.out.contains("agent.yaml:1: Deployment agent remains rejected"), "{}", run.out);
    assert!(!run.out.contains("good.yaml"), "{}", run.out);
    folder.run("compare --from restricted --to baseline .").assert(0, &["Pod plain will be accepted", "- plain.yaml:4 runAsNonRoot"]);
    folder.run("compare --from v1.24 --to latest good.yaml").assert(0, &["From restricted:v1.24 to restricted:latest", "changed  sysctls"]);
    folder.run("compare --from baseline:v1.24 --to v1.24").assert(0, &["no changes"]);
    folder.run("compare --from v1.24").assert(3, &["--to"]);
    folder.run("compare --from 1.24 --to latest").assert(3, &["LEVEL:VERSION"]);
    folder.write("broken.yaml", "apiVersion: v1\nkind: [\n");
    folder.run("compare --from v1.24 --to latest .").assert(2, &["broken.yaml:2: "]);
}

#[test]
fn policy_prints_a_policy_whose_settings_are_those_of_check() {
    let folder = Folder::new(&[("pss.toml", "level = \"baseline\"\nversion = \"v1.30\"\n"), ("plain.yaml", BASELINE)]);
    let run = folder.run("policy");
    run.assert(0, &["kind: ClusterAdmissionPolicy", "level: baseline", "version: v1.30"]);
    folder.write("policy.yaml", &run.out);
    folder.run("check --no-config --settings policy.yaml plain.yaml").assert(0, &[]);
    folder.run("policy --no-config").assert(0, &["level: restricted", "namespaceLabels: honor"]);
    // Hardening needs two policies, whose settings can be read again, too.
    let settings = "level: restricted\nharden: [runAsNonRoot, seccompProfile_restricted]\n";
    folder.write("settings.yaml", settings);
    let two = folder.run("policy --no-config --settings settings.yaml");
    assert_eq!(two.out.matches("kind: ClusterAdmissionPolicy").count(), 2, "{}", two.out);
    folder.write("two.yaml", &two.out);
    folder.run("check --no-config --settings two.yaml plain.yaml").assert(1, &[]);
    folder.write("pss.toml", "[[exceptions]]\nchecks = [\"*\"]\nreason = \"r\"\n");
    folder.run("policy").assert(0, &["the exceptions of pss.toml are not part of the policy"]);
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let folder = Folder::new(&[]);
    let commands = ["check", "fix", "explain", "compare", "policy", "completions", "man"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = folder.run(&format!("completions {shell}"));
        run.assert(0, &commands);
    }
    let script = format!("source <({} completions bash) && complete -p pss", env!("CARGO_BIN_EXE_pss"));
    run(std::process::Command::new("bash").args(["-c", &script]), "").assert(0, &["-F _pss pss"]);
    let manual = folder.run("man");
    manual.assert(0, &commands.map(|command| format!("PSS {}", command.to_uppercase())).each_ref().map(String::as_str));
}
