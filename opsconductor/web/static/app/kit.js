// What the sections are built of; docs/page.md, "Adding a section", says how. One import for all of it.

export { html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState }
  from "../vendor/htm-preact/standalone.module.js";
export { ApiError, request } from "../api.js";
export { toast } from "../dom.js";
export { age, bothTimes, moment, number, plural, shortMoment } from "../format.js";
export { whenAlertsChange } from "./changes.js";
export { mayUse, mayUseWhole } from "./navigation.js";
export { go, pathOf } from "./router.js";
export { DeclaredForm, originOf, Outcome } from "./declared.js";
export { confirm, Dialog } from "./dialog.js";
export { Reading, useApi, useCommand } from "./reading.js";
export { Bar, Columns, Sparkline } from "./chart.js";
export { LineChart } from "./line-chart.js";
export { Fields, Form } from "./form.js";
export { Cut, Facts, Head, Mark, SectionNav, Severity, SHAPES, Tabs, TimeAgo } from "./pieces.js";
export { useSchema } from "./schemas.js";
export { loadStyles } from "./styles.js";
export { Table } from "./table.js";
