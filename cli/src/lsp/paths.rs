//! The paths of documents, which the protocol identifies by URIs.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use url::Url;

/// Returns the path of a file; `None` for a document that is no file, such as an unsaved one.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_ref()).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// Returns the URI of an absolute path.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok().map(|url| Uri::from(String::from(url)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_uris_of_files() {
        for (uri, path) in [
            ("file:///srv/web.yaml", Some("/srv/web.yaml")),
            ("file:///srv/my%20app/%C3%BC%23.yaml", Some("/srv/my app/ü#.yaml")),
            ("file://localhost/srv/web.yaml", Some("/srv/web.yaml")),
            ("untitled:Untitled-1", None),
            ("https://example.com/web.yaml", None),
            ("web.yaml", None),
            ("", None),
        ] {
            assert_eq!(path_of(&Uri::from(uri)), path.map(PathBuf::from), "{uri}");
        }
        assert_eq!(uri_of(Path::new("/srv/my app/ü#.yaml")), Some(Uri::from("file:///srv/my%20app/%C3%BC%23.yaml")));
    }
}
