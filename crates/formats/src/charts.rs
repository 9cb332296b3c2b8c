//! The files of Helm charts, by their names and places.

use std::path::Path;

use pss_migrate::leftovers::is_values_file_name;

/// Returns whether a file is a template of a chart: in the folder `templates` beside a Chart.yaml. `is_file` returns whether there is
/// a file with a path.
pub fn is_template(path: &Path, is_file: &dyn Fn(&Path) -> bool) -> bool {
    path.ancestors().any(|folder| {
        folder.file_name().is_some_and(|name| name == "templates")
            && folder.parent().is_some_and(|chart| is_file(&chart.join("Chart.yaml")))
    })
}

/// Returns whether a file has values of a chart, by its name or because it is beside a Chart.yaml.
pub fn is_values(path: &Path, is_file: &dyn Fn(&Path) -> bool) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if name == "Chart.yaml" || name == "Chart.lock" {
        return false;
    }
    is_values_file_name(&name) || path.parent().is_some_and(|folder| is_file(&folder.join("Chart.yaml")))
}
