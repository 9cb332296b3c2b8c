//! `pss migrate helm-release`.

use crate::folder::{ACCEPTED, Folder};
use crate::snapshot::compare;

/// A release of Helm, which installed a chart with three PodSecurityPolicies, one of them as a hook.
const RELEASE: &str = include_str!("../../../crates/migrate/src/helm_release/tests/helm-4.3.1.yaml");

/// Revision 2 of this release, for which the chart had none.
const NEXT: &str = include_str!("../../../crates/migrate/src/helm_release/tests/helm-4.3.1-without.yaml");

const HELM_2: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: web.v1
  labels: {OWNER: TILLER, NAME: web}
data: {release: H4sI}
";

#[test]
fn standard_output_is_for_kubectl() {
    let folder = Folder::new(&[("release.yaml", RELEASE)]);
    for (arguments, objects) in [("", 2), ("--new-revision", 2), ("--in-place", 1), ("--all-revisions", 2)] {
        let run = folder.run_with(&["migrate", "helm-release", "-", arguments][..if arguments.is_empty() { 3 } else { 4 }], RELEASE);
        run.assert(0, &["--- a/web.v", "-kind: PodSecurityPolicy", "web-hook", "remain in ClusterRole web-psp"]);
        assert_eq!(run.out.matches("---\napiVersion: v1\n").count(), objects, "{}", run.out);
        assert!(!run.out.contains("PodSecurityPolicy") && !run.err.contains("apiVersion: v1\ndata:"), "{run:#?}");
        folder.write("objects.yaml", &run.out);
        // The output is input again, in which upgrades are not blocked.
        let again = folder.run("migrate helm-release objects.yaml");
        again.assert(0, &[if objects == 2 && arguments != "--all-revisions" { "on which upgrades build" } else { "contain" }]);
        assert_eq!(again.out, "");
    }
}

#[test]
fn a_dry_run_prints_the_diff_only() {
    let folder = Folder::new(&[("release.yaml", RELEASE)]);
    let run = folder.run("migrate helm-release --dry-run release.yaml");
    run.assert(0, &["+++ b/web.v2/manifest", "pss: web: adds revision 2 (deployed), a copy of revision 1 without"]);
    assert!(run.out.starts_with("--- a/web.v2/manifest\n") && !run.out.contains("kind: Secret"), "{}", run.out);
    let quiet = folder.run("migrate helm-release -q release.yaml");
    assert_eq!((quiet.status, &*quiet.err), (0, ""));
    assert!(quiet.out.contains("kind: Secret"), "{}", quiet.out);
    assert!(folder.run("migrate helm-release --color always --dry-run release.yaml").out.contains("\u{1b}[31m-kind: PodSecurityPolicy"));
}

#[test]
fn releases_may_be_in_several_files() {
    let folder = Folder::new(&[("releases/1.yaml", RELEASE), ("releases/2.yaml", NEXT), ("releases/pod.yaml", ACCEPTED)]);
    // Only one revision of a release is deployed.
    folder.write("releases/1.yaml", RELEASE.replace("status: deployed", "status: superseded"));
    folder.run("migrate helm-release releases").assert(2, &["1.yaml:12:13: the label status must be deployed, as in the release"]);
    folder.write("releases/1.yaml", RELEASE);
    let run = folder.run("migrate helm-release releases");
    run.assert(
        0,
        &[
            "not a Helm release, and left out: Pod good",
            "web: revision 2 (deployed), on which upgrades build, contains no",
            "web: revision 1 contains PodSecurityPolicies",
            "pss: nothing changes, and there is nothing to apply",
        ],
    );
    assert_eq!(run.out, "");
    let all = folder.run("migrate helm-release --all-revisions releases");
    all.assert(0, &["web: removes PodSecurityPolicies web, web-unused, web-hook from revision 1 (deployed)"]);
    assert_eq!(all.out.matches("kind: Secret").count(), 1);
}

/// A part of the releases looks like all of them, so nothing is printed for the others either.
#[test]
fn invalid_input_prints_nothing() {
    let folder = Folder::new(&[("release.yaml", RELEASE), ("helm-2.yaml", HELM_2), ("pod.yaml", ACCEPTED), ("syntax.yaml", "a: [\n")]);
    folder.write("data.yaml", RELEASE.replace("release: S", "release: '%'\n  other: S"));
    for (arguments, status, message) in [
        ("helm-2.yaml release.yaml", 2, "helm-2.yaml:5:19: a release of Helm 2 cannot be migrated (its data is Protobuf"),
        ("data.yaml release.yaml", 2, "data.yaml:4:12: data.release is not valid base64: the character \"%\" at position 1"),
        ("release.yaml release.yaml", 2, "release.yaml:14:9: web: revision 1 is in the input twice"),
        ("syntax.yaml release.yaml", 2, "syntax.yaml:1:4: did not find expected node content"),
        ("missing.yaml release.yaml", 2, "missing.yaml: cannot be read: no such file"),
        ("pod.yaml", 2, "not a Helm release, and left out: Pod good\npss: the input contains no Helm release"),
        ("--in-place --new-revision release.yaml", 3, "cannot be used with"),
        ("", 3, "required"),
    ] {
        let arguments = ["migrate", "helm-release"].into_iter().chain(arguments.split_whitespace()).collect::<Vec<_>>();
        let run = folder.run_with(&arguments, "");
        run.assert(status, &[message]);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn duplicate_keys_are_warnings() {
    let folder = Folder::new(&[("release.yaml", &RELEASE.replace("type: helm", "type: a\ntype: helm"))]);
    let run = folder.run("migrate helm-release release.yaml");
    run.assert(0, &["pss: warning: release.yaml:", "\"type\" stands here a second time", "this one counts", "kind: Secret"]);
}

#[test]
fn releases_without_policies_need_no_change() {
    let folder = Folder::new(&[("release.yaml", NEXT)]);
    for arguments in ["", "--dry-run "] {
        let run = folder.run(&format!("migrate helm-release {arguments}release.yaml"));
        assert_eq!((run.status, &*run.out), (0, ""));
        assert_eq!(run.err, "pss: 1 release contains no PodSecurityPolicy\npss: nothing changes, and there is nothing to apply\n");
    }
    assert_eq!(folder.run("migrate helm-release -q release.yaml").err, "");
}

#[test]
fn the_help_is_that_of_the_snapshot() {
    let run = Folder::new(&[]).run("migrate helm-release --help");
    run.assert(0, &["kubectl apply -f -", "Exit status:"]);
    compare("migrate.helm-release.help.txt", &run.out);
}
