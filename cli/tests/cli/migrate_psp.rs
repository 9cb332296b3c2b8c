//! `pss migrate psp`.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use pss_core::settings::Settings;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED, Run};
use crate::snapshot::compare;

const POLICIES: &str = include_str!("psp/policies.yaml");
const RBAC: &str = include_str!("psp/rbac.yaml");
const PODS: &str = include_str!("psp/pods.yaml");
const WORKLOADS: &str = include_str!("psp/workloads.yaml");
const NAMESPACES: &str = include_str!("psp/namespaces.yaml");

/// A PodSecurityPolicy that admits what baseline does, and more.
const POLICY: &str = "apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: team}
spec:
  volumes: [\"*\"]
  seLinux: {rule: RunAsAny}
  runAsUser: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
";

/// A folder with a cluster whose plan has every section.
fn cluster() -> Folder {
    Folder::new(&[
        ("policies.yaml", POLICIES),
        ("rbac.yaml", RBAC),
        ("pods.yaml", PODS),
        ("workloads.yaml", WORKLOADS),
        ("namespaces.yaml", NAMESPACES),
    ])
}

/// The arguments for all files of the cluster.
const ALL: &str = "migrate psp policies.yaml namespaces.yaml --pods pods.yaml --workloads workloads.yaml --rbac rbac.yaml";

fn parsed(run: &Run) -> Value {
    assert_eq!(run.status, 0, "{run:#?}");
    serde_json::from_str(&run.out).unwrap()
}

/// The plan as JSON, with the arguments after `--format json`.
fn plan(folder: &Folder, arguments: &str) -> Value {
    parsed(&folder.run(&format!("migrate psp --format json {arguments}")))
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// Returns the PodSecurityPolicy that is chosen for a workload; null for none.
fn chosen<'p>(plan: &'p Value, name: &str) -> &'p Value {
    let workload = plan["workloads"].as_array().unwrap().iter().find(|workload| workload["name"] == name);
    &workload.unwrap_or_else(|| panic!("{name} is not in {plan:#}"))["policy"]
}

fn list(items: &[&str]) -> String {
    let items: Vec<Value> = items.iter().map(|item| serde_norway::from_str(item).unwrap()).collect();
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

#[test]
fn the_output_is_that_of_the_snapshots() {
    let folder = cluster();
    for (name, arguments) in [
        ("migrate.psp.help.txt", "migrate psp --help"),
        ("migrate.psp.md", ALL),
        ("migrate.psp.manifests.yaml", &format!("{ALL} --format manifests")),
    ] {
        let run = folder.run(arguments);
        run.assert(0, &[]);
        compare(name, &run.out);
    }
    // Without the fields that are equivalent, which are most.
    let mut plan = parsed(&folder.run(&format!("{ALL} --format json")));
    for policy in plan["policies"].as_array_mut().unwrap() {
        for level in policy["levels"].as_array_mut().unwrap() {
            level["fields"].as_array_mut().unwrap().retain(|field| field["verdict"] != "equivalent");
        }
    }
    compare("migrate.psp.json", &(serde_json::to_string_pretty(&plan).unwrap() + "\n"));
    let run = folder.run(ALL);
    assert_eq!(
        run.err,
        "pss: warning: policies.yaml:45:14: spec.runAsUser: has MustRunAs without ranges, so that no pod can use the PodSecurityPolicy\n\
         pss: not part of the plan: 1 ConfigMap\n"
    );
    // Warnings are printed in any case, and notes are not.
    assert_eq!(folder.run(&ALL.replace("psp", "-q psp")).err, "");
}

#[test]
fn every_section_is_about_the_objects_that_it_names() {
    let plan = parsed(&cluster().run(&format!("{ALL} --format json")));
    assert_eq!(names(&plan["policies"]), ["privileged", "restricted", "unfinished"]);
    assert_eq!(names(&plan["namespaces"]), ["infra", "shop", "staging"]);
    assert_eq!(plan["hasAccess"], true);
    // The service account of the DaemonSet may use all, by a ClusterRole without resourceNames.
    let subject = &plan["policies"][0]["subjects"][0];
    assert_eq!((&subject["name"], &subject["grantsAll"]), (&json!("infra/agent"), &json!(true)));
    assert_eq!(plan["policies"][2]["unusable"], "spec.runAsUser has MustRunAs without ranges");
    assert_eq!(plan["policies"][2]["subjects"][0]["grantsAll"], true);
    for (name, policy) in [
        ("agent-x7k2p", json!("privileged")),
        ("agent", json!("privileged")),
        ("web-5d9f-abcde", json!("restricted")),
        ("web", json!("restricted")),
        ("report", json!("restricted")),
        ("debug", Value::Null),
    ] {
        assert_eq!(*chosen(&plan, name), policy, "{name}");
    }
    let workload = |name: &str| plan["workloads"].as_array().unwrap().iter().find(|workload| workload["name"] == name).unwrap().clone();
    // The annotation is that of the pod, if another policy is chosen now.
    assert_eq!(workload("agent-x7k2p").get("annotation"), None);
    assert_eq!(workload("web-5d9f-abcde")["annotation"], "privileged");
    assert_eq!(workload("debug")["annotation"], "privileged");
    assert_eq!(workload("debug")["rejections"], json!({"restricted": ["privileged"]}));
    assert_eq!(workload("report")["changes"].as_array().unwrap().len(), 6);
    let level = |index: usize| plan["namespaces"][index]["level"].as_str().unwrap();
    // A namespace without pods can have the strictest level.
    assert_eq!([level(0), level(1), level(2)], ["privileged", "privileged", "restricted"]);
    assert_eq!(plan["otherKinds"], json!({"ConfigMap": 1}));
}

#[test]
fn input_may_be_files_folders_lists_and_standard_input() {
    let folder = cluster();
    folder.write("all/one.yaml", [POLICIES, "---\n", RBAC].concat());
    folder.write("all/two/three.json", list(&[PODS, NAMESPACES.split("---").next().unwrap()]));
    folder.write("all/two/four.yaml", WORKLOADS);
    // These have no objects, or none for a plan.
    folder.write("all/notes.txt", "not YAML: [");
    folder.write("all/values.yaml", "replicas: 3\n");
    let by_kind = plan(&folder, "policies.yaml namespaces.yaml --pods pods.yaml --workloads workloads.yaml --rbac rbac.yaml");
    let of_folder = plan(&folder, "all");
    // Lists of objects are in the order of the input.
    assert_eq!(names(&by_kind["namespaces"]), names(&of_folder["namespaces"]));
    for key in ["settings", "hasAccess"] {
        assert_eq!(by_kind[key], of_folder[key], "{key}");
    }
    // Options and arguments differ in their help only.
    let swapped = plan(&folder, "pods.yaml workloads.yaml rbac.yaml --pods policies.yaml --rbac namespaces.yaml");
    assert_eq!(swapped["settings"], by_kind["settings"]);
    let stdin = folder.run_with(&["migrate", "psp", "-", "--format", "json", "--stdin-name", "dump.yaml"], POLICIES);
    let stdin = parsed(&stdin);
    assert_eq!((&stdin["policies"][0]["source"], &stdin["hasAccess"]), (&json!("dump.yaml"), &json!(false)));
    // A typed list, whose items have no kind.
    let typed = POLICY.replace('\n', "\n  ").replace("apiVersion: policy/v1beta1\n  kind: PodSecurityPolicy\n  ", "");
    let typed = format!("apiVersion: policy/v1beta1\nkind: PodSecurityPolicyList\nitems:\n- {typed}");
    let typed = parsed(&folder.run_with(&["migrate", "psp", "-", "--format", "json"], &typed));
    assert_eq!(names(&typed["policies"]), ["team"]);
    // Objects without a namespace.
    for (arguments, namespace) in [("", "default"), (" -n shop", "shop"), (" --namespace shop", "shop")] {
        folder.write("plain.yaml", BASELINE);
        assert_eq!(names(&plan(&folder, &format!("plain.yaml{arguments}"))["namespaces"]), [namespace]);
    }
}

/// A Secret of Helm, as `kubectl get secrets` prints it.
fn release(status: &str, version: u64, manifest: &str, hook: &str) -> String {
    let release = json!({
        "name": "web", "namespace": "shop", "version": version, "info": {"status": status}, "chart": {}, "manifest": manifest,
        "hooks": [{"name": "hook", "kind": "PodSecurityPolicy", "path": "web/templates/hook.yaml", "manifest": hook, "events": ["pre-install"]}],
    });
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(release.to_string().as_bytes()).unwrap();
    let data = STANDARD.encode(STANDARD.encode(encoder.finish().unwrap()));
    let name = format!("sh.helm.release.v1.web.v{version}");
    let labels = json!({"owner": "helm", "name": "web", "status": status, "version": version.to_string()});
    let metadata = json!({"name": name, "namespace": "shop", "labels": labels});
    json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": metadata, "data": {"release": data}}).to_string()
}

#[test]
fn policies_of_stored_helm_releases_are_part_of_the_plan() {
    let manifest = format!("---\n# Source: web/templates/psp.yaml\n{POLICY}---\n# Source: web/templates/pod.yaml\n{BASELINE}");
    let hook = POLICY.replace("team", "of-hook");
    let old = release("superseded", 1, &POLICY.replace("team", "old"), &hook);
    let folder = Folder::new(&[("old.json", &old), ("new.json", &release("deployed", 2, &manifest, &hook))]);
    let run = folder.run("migrate psp old.json new.json");
    run.assert(
        0,
        &["2 PodSecurityPolicies, 0 namespaces", "In new.json (Secret of Helm release web, revision 2):3.", "1 Helm revision (superseded)"],
    );
    assert_eq!(names(&plan(&folder, "old.json new.json")["policies"]), ["of-hook", "team"]);
    // The same policy from the cluster is the same policy, and another one is not.
    let with = |policy: &str| folder.run_with(&["migrate", "psp", "-", "new.json"], policy);
    let equal = with(POLICY);
    equal.assert(0, &["2 PodSecurityPolicies", "In stdin.yaml:1."]);
    assert_eq!(equal.err, "");
    with(&POLICY.replace("[\"*\"]", "[secret]"))
        .assert(0, &["PodSecurityPolicy team is also in stdin.yaml:1, with other values: that one counts"]);
    folder.write("data.json", release("deployed", 3, &manifest, &hook).replace("\"release\":\"", "\"release\":\"%"));
    let invalid = folder.run("migrate psp new.json data.json");
    invalid.assert(2, &["data.json:1:", "data.release is not valid base64"]);
    assert_eq!(invalid.out, "");
}

#[test]
fn the_user_may_use_policies_for_pods_that_no_controller_creates() {
    let folder = cluster();
    folder.write(
        "ops.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: psp-all}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: ops}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
",
    );
    for (arguments, policy) in [
        ("", Value::Null),
        (" --user jane", json!("privileged")),
        (" --user joe", Value::Null),
        (" --user joe --groups dev,ops", json!("privileged")),
        (" --user joe --groups dev --groups ops", json!("privileged")),
        // They may do everything, whatever the roles are.
        (" --user joe --groups system:masters", json!("privileged")),
    ] {
        let plan = parsed(&folder.run(&format!("{ALL} --rbac ops.yaml --format json{arguments}")));
        assert_eq!(*chosen(&plan, "debug"), policy, "{arguments}");
        // Its controller creates this pod.
        assert_eq!(*chosen(&plan, "web-5d9f-abcde"), "restricted", "{arguments}");
    }
    folder.run("migrate psp policies.yaml --groups ops").assert(3, &["--user"]);
    // Without roles, every policy may be used.
    let without = plan(&folder, "policies.yaml pods.yaml");
    assert_eq!((&without["hasAccess"], chosen(&without, "debug")), (&json!(false), &json!("privileged")));
    // A role that is not there grants nothing.
    let run = folder.run_with(&["migrate", "psp", "policies.yaml", "pods.yaml", "-"], &folder.read("ops.yaml"));
    run.assert(0, &["stdin.yaml:4:10: ClusterRoleBinding ops refers to ClusterRole psp-all, which is not in the input"]);
    run.assert(0, &["No role grants it: nobody may use it, except members of `system:masters`."]);
    run.assert(0, &["Pod `debug` in `shop`, service account `default`: its service account may use no PodSecurityPolicy"]);
}

#[test]
fn the_version_and_the_level_are_those_of_the_arguments() {
    let folder = cluster();
    let settings = |arguments: &str| plan(&folder, &format!("policies.yaml pods.yaml{arguments}"))["settings"].clone();
    let level = |settings: &Value| (settings["level"].clone(), settings["version"].clone());
    assert_eq!(level(&settings("")), (json!("baseline"), json!("v1.24")));
    assert_eq!(level(&settings(" --level restricted --version v1.30")), (json!("restricted"), json!("v1.30")));
    assert_eq!(settings(" --level privileged --version latest"), json!({"level": "privileged", "version": "latest"}));
    folder.run("migrate psp policies.yaml --version latest").assert(0, &["compared with the standards of latest.", "baseline:latest"]);
    assert!(!folder.run("migrate psp policies.yaml --version latest").out.contains("## After"));
    for arguments in ["--version 24", "--level strict", "--format html", "--format json=", "--unknown"] {
        let run = folder.run(&format!("migrate psp policies.yaml {arguments}"));
        run.assert(3, &[arguments.split([' ', '=']).next().unwrap()]);
        assert_eq!(run.out, "", "{arguments}");
    }
}

#[test]
fn each_format_can_have_a_file() {
    let folder = cluster();
    let run = folder.run(&format!("{ALL} --format markdown=out/plan.md --format manifests --format json=plan.json"));
    // Folders are not made.
    run.assert(2, &["out/plan.md"]);
    let run = folder.run(&format!("{ALL} --format markdown=plan.md --format manifests --format json=plan.json"));
    run.assert(0, &["kind: ClusterAdmissionPolicy"]);
    assert_eq!(folder.read("plan.md"), folder.run(ALL).out);
    assert_eq!(folder.read("plan.json"), folder.run(&format!("{ALL} --format json")).out);
    assert_eq!(run.out, folder.run(&format!("{ALL} --format manifests")).out);
    let two = folder.run(&format!("{ALL} --format markdown --format json"));
    two.assert(3, &["two formats for standard output; give all but one a file: --format FORMAT=FILE"]);
    assert_eq!(two.out, "");
}

#[test]
fn input_without_objects_is_an_error() {
    let folder = Folder::new(&[
        ("empty.yaml", ""),
        ("comment.yaml", "# nothing\n---\n"),
        ("values/values.yaml", "replicas: 3\n"),
        ("rbac.yaml", RBAC),
    ]);
    for arguments in ["empty.yaml", "comment.yaml", "values", "rbac.yaml", "empty.yaml comment.yaml", "-"] {
        let run = folder.run(&format!("migrate psp {arguments} --format json=plan.json"));
        run.assert(2, &["the input has no PodSecurityPolicies, pods, workloads or namespaces"]);
        assert!(run.out.is_empty() && !folder.path("plan.json").exists(), "{run:#?}");
    }
    folder.run("migrate psp").assert(3, &["no input. Name files with PodSecurityPolicies"]);
    // Pods alone have levels, and policies alone are compared.
    folder.write("pod.yaml", ACCEPTED);
    folder.run("migrate psp pod.yaml empty.yaml").assert(0, &["0 PodSecurityPolicies, 1 namespace, 1 pod and 0 pod templates"]);
    folder.write("policy.yaml", POLICY);
    folder.run("migrate psp policy.yaml").assert(0, &["1 PodSecurityPolicy, 0 namespaces, 0 pods", "The input has no pods and templates"]);
}

/// A plan for a part of the input could open a gap.
#[test]
fn invalid_input_prints_no_plan() {
    let folder = cluster();
    for (name, text) in [
        ("syntax.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x\n"),
        ("type.yaml", &POLICY.replace("[\"*\"]", "secret")),
        ("field.yaml", &POLICY.replace("volumes", "volume")),
        ("name.yaml", &POLICY.replace("{name: team}", "{}")),
        ("rule.yaml", &POLICY.replace("fsGroup: {rule: RunAsAny}", "fsGroup: {rule: RunAsAny, range: []}")),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {hostNetwork: \"true\"}\n"),
        ("template.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: x\n"),
        ("chart/templates/psp.yaml", &POLICY.replace("team", "{{ .Release.Name }}")),
    ] {
        folder.write(name, text);
    }
    for (name, error) in [
        ("missing.yaml", "missing.yaml: cannot be read: no such file"),
        ("syntax.yaml", "syntax.yaml:3:18: did not find expected"),
        ("type.yaml", "type.yaml:5:12: spec.volumes: must be an array"),
        ("field.yaml", "field.yaml:5:11: spec.volume: unknown key; did you mean \"volumes\"?"),
        ("name.yaml", "name.yaml:3:11: the PodSecurityPolicy has no metadata.name"),
        ("rule.yaml", "rule.yaml:9:36: spec.fsGroup.range: unknown key; did you mean \"ranges\"?"),
        ("pod.yaml", "pod.yaml:4:21: spec.hostNetwork: must be true or false"),
        ("template.yaml", "template.yaml:4:7: the Deployment has no pod template"),
        ("chart/templates/psp.yaml", "chart/templates/psp.yaml: is a template of a Helm chart; pass the output of helm template"),
    ] {
        let run = folder.run(&format!("migrate psp policies.yaml {name} --format json --format markdown=plan.md"));
        run.assert(2, &["pss: there is no plan, because the input has errors\n", error]);
        assert!(run.out.is_empty() && !folder.path("plan.md").exists(), "{run:#?}");
    }
}

#[test]
fn all_errors_are_printed_up_to_a_number() {
    let pod = |index: usize| format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{index}}}\nspec: {{hostPID: 1}}\n");
    let pods = |count: usize| (0..count).map(pod).collect::<String>();
    for (count, printed, more) in
        [(1, 1, None), (19, 19, None), (20, 20, None), (21, 20, Some("and 1 more\n")), (500, 20, Some("and 480 more\n"))]
    {
        let run = Folder::new(&[]).run_with(&["migrate", "psp", "-"], &pods(count));
        run.assert(2, &["stdin.yaml:5:17: spec.hostPID: must be true or false, not 1\n"]);
        assert_eq!(run.err.matches("must be true or false").count(), printed, "{run:#?}");
        assert_eq!(more, run.err.contains(" more\n").then(|| run.err.split_inclusive('\n').next_back().unwrap()));
    }
    // Errors of files come first.
    let folder = Folder::new(&[("pods.yaml", &pods(30))]);
    folder.run("migrate psp pods.yaml missing.yaml").assert(2, &["has errors\nmissing.yaml: cannot be read", "and 11 more\n"]);
}

/// Returns the documents of a text that have content.
fn yaml_documents(text: &str) -> Vec<Value> {
    let documents = serde_norway::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap());
    documents.filter(|document| !document.is_null()).collect()
}

#[test]
fn manifests_are_in_the_order_of_the_steps_and_admit_the_pods() {
    let folder = cluster();
    folder.write("agent.yaml", PRIVILEGED.replace("namespace: infra", "namespace: jobs"));
    for level in ["baseline", "restricted"] {
        let run = folder.run(&format!("{ALL} agent.yaml --level {level} --format manifests"));
        run.assert(0, &[]);
        let documents = yaml_documents(&run.out);
        let kinds: Vec<&str> = documents.iter().map(|document| document["kind"].as_str().unwrap()).collect();
        let policies = kinds.iter().take_while(|kind| **kind == "ClusterAdmissionPolicy").count();
        assert!(policies > 1 && kinds[policies..].iter().all(|kind| *kind == "Namespace"), "{kinds:?}");
        assert_eq!(kinds.len() - policies, 4);
        let names: Vec<&str> = documents.iter().map(|document| document["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len(), "{names:?}");
        for document in &documents[policies..] {
            assert_eq!(document["metadata"]["labels"].as_object().unwrap().len(), 6, "{document:#}");
        }
        assert!(run.out.ends_with("#   kubectl delete podsecuritypolicies privileged restricted unfinished\n"), "{}", run.out);
        assert!(!run.out.contains("kind: PodSecurityPolicy"));
        // The settings are valid, and admit what the input has.
        let settings = &documents[0]["spec"]["settings"];
        assert_eq!(settings["level"], level);
        Settings::parse(settings.to_string().as_bytes()).unwrap();
        folder.write("settings.yaml", settings.to_string());
        folder.run("check --no-config --settings settings.yaml pods.yaml workloads.yaml agent.yaml").assert(0, &[]);
        // Without its exemptions the level does not.
        folder.run(&format!("check --no-config --level {level} --version v1.24 pods.yaml workloads.yaml agent.yaml")).assert(1, &[]);
        // Applied to the manifests again, there is no policy left.
        folder.write("manifests.yaml", &run.out);
        let again = folder.run("migrate psp manifests.yaml");
        again.assert(0, &["0 PodSecurityPolicies, 4 namespaces", "ClusterAdmissionPolicy"]);
    }
}

/// Two PodSecurityPolicies with what both restrict, and what one of them restricts.
const TWO_POLICIES: &str = "apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: strict}
spec:
  volumes: [secret, projected]
  readOnlyRootFilesystem: true
  allowedHostPaths: []
  seLinux: {rule: RunAsAny}
  runAsUser: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 9}]}
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: wide}
spec:
  volumes: [secret, projected, emptyDir]
  allowedCapabilities: [CHOWN]
  seLinux: {rule: RunAsAny}
  runAsUser: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: MustRunAs, ranges: [{min: 20, max: 29}]}
---
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop}
spec: {securityContext: {fsGroup: 5}, containers: [{name: c, image: i, securityContext: {readOnlyRootFilesystem: true}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop}
spec: {securityContext: {fsGroup: 25}, containers: [{name: c, image: i, securityContext: {capabilities: {add: [CHOWN]}}}]}
";

#[test]
fn namespaces_with_several_policies_get_official_policies_for_what_all_restrict() {
    let folder = Folder::new(&[("cluster.yaml", TWO_POLICIES)]);
    let plan = plan(&folder, "cluster.yaml");
    assert_eq!([chosen(&plan, "one"), chosen(&plan, "two")], ["strict", "wide"]);
    let [shared] = plan["sharedNamespaces"].as_array().unwrap().as_slice() else { panic!("{plan:#}") };
    assert_eq!([&shared["namespaces"], &shared["policies"]], [&json!(["shop"]), &json!(["strict", "wide"])]);
    assert_eq!(names(&shared["officialPolicies"]), ["shared-shop-volumes", "shared-shop-capabilities", "shared-shop-allowed-fsgroups"]);
    let gaps = json!([
        {"policy": "strict", "fields": ["volumes", "allowedCapabilities", "fsGroup", "readOnlyRootFilesystem"]},
        {"policy": "wide", "fields": ["fsGroup"]},
    ]);
    assert_eq!(shared["gaps"], gaps);
    // Neither has a namespace of its own, and the manifests say what is missing.
    assert!(plan["policies"].as_array().unwrap().iter().all(|policy| policy["officialPolicies"] == json!([])));
    let manifests = folder.run("migrate psp --format manifests cluster.yaml").out;
    let note = "# Note: what only the PodSecurityPolicy strict restricts (volumes, allowedCapabilities, fsGroup, readOnlyRootFilesystem) is no longer restricted in shop";
    assert!(manifests.contains(note), "{manifests}");
    let groups =
        yaml_documents(&manifests).into_iter().find(|policy| policy["metadata"]["name"] == "shared-shop-allowed-fsgroups").unwrap();
    let settings = json!({"rule": "MayRunAs", "ranges": [{"min": 1, "max": 9}, {"min": 20, "max": 29}]});
    assert_eq!([&groups["spec"]["settings"], &groups["spec"]["mutating"]], [&settings, &json!(false)]);
}
