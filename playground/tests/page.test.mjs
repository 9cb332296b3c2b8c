// All tests of the page, in one process, so that they share one browser and do not slow each other down.
// @ts-check

import "./diff.mjs";
import "./server.mjs";
import "./share.mjs";
import "./editing.mjs";
import "./examples.mjs";
import "./dialogs.mjs";
import "./settings.mjs";
import "./files.mjs";
import "./access.mjs";
import "./safety.mjs";
import "./versions.mjs";
import "./speed.mjs";
import "./screenshot.mjs";
