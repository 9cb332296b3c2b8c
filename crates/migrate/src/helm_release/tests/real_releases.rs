//! Releases that Helm stored. The result must have the manifests of the same chart without PodSecurityPolicies.

use super::*;
use crate::problem::Problem;

/// Returns the plan for a text.
fn plan(text: &str, options: Options) -> Plan {
    let (mut problems, mut revisions) = (Vec::<Problem>::new(), Revisions::default());
    each_object(Source { name: "f.yaml", text }, Limits::default(), &mut problems, &mut |object, problems| {
        revisions.add(&object, problems)
    });
    assert_eq!(problems, []);
    revisions.plan(options).unwrap()
}

/// Returns the JSON of all releases in a text.
fn records(text: &str) -> Vec<String> {
    let mut records = Vec::new();
    each_object(Source { name: "f.yaml", text }, Limits::default(), &mut Vec::new(), &mut |object, _| {
        records.push(storage::json(&object).unwrap().0);
    });
    records
}

#[test]
fn releases_of_helm_become_those_of_the_chart_without_policies() {
    for (release, without) in [
        (include_str!("helm-3.9.4.yaml"), include_str!("helm-3.9.4-without.yaml")),
        (include_str!("helm-4.3.1.yaml"), include_str!("helm-4.3.1-without.yaml")),
    ] {
        let expected = records(without);
        let expected = Record::parse(&expected[0]).unwrap();
        let old = records(release);
        assert!(old[0].contains(r"apiVersion: policy/v1beta1\r\n"), "{}", old[0]);
        for mode in [Mode::NewRevision, Mode::InPlace] {
            let plan = plan(release, Options { mode, all_revisions: false, time: 7 });
            let new = records(&plan.objects);
            let record = Record::parse(&new[0]).unwrap();
            assert_eq!(record.manifest, expected.manifest);
            let manifests = |record: &Record<'_>| record.hooks.iter().map(|hook| hook.manifest.clone()).collect::<Vec<_>>();
            assert_eq!(manifests(&record), manifests(&expected));
            // The text, escapes included, is what Helm writes.
            assert_eq!(record.manifest_text, expected.manifest_text);
            if mode == Mode::InPlace {
                assert_eq!((new.len(), record.version, &*record.status), (1, 1, "deployed"));
            } else {
                assert_eq!((new.len(), record.version, &*record.status), (2, 2, "deployed"));
                assert_eq!(new[1], old[0].replace(r#""status":"deployed""#, r#""status":"superseded""#));
            }
        }
    }
}
