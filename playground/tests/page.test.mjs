// All tests of the page, in one process, so that they share one browser and do not slow each other down.
// @ts-check

import "./server.mjs";
