// All tests of the page, in one process, so that they share one browser and run one after the other.
// @ts-check

import "./diff.mjs";
import "./server.mjs";
import "./shareLink.mjs";
import "./editing.mjs";
import "./findings.mjs";
import "./navigation.mjs";
import "./examples.mjs";
import "./dialogs.mjs";
import "./settings.mjs";
import "./files.mjs";
import "./state.mjs";
import "./workspace.mjs";
import "./staleness.mjs";
import "./migration.mjs";
import "./report.mjs";
import "./accessibility.mjs";
import "./accessibilityStates.mjs";
import "./isolation.mjs";
import "./urls.mjs";
import "./messages.mjs";
import "./embed.mjs";
import "./serviceWorkerUpdate.mjs";
import "./performance.mjs";
import "./screenshot.mjs";
