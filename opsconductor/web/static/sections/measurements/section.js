// Measurements: anomalies with their reasons, series of values, limits, and what the detector holds back.

import { Head, html, mayUse, mayUseWhole, SectionNav } from "../../app/kit.js";
import { Anomalies } from "./anomalies.js";
import { AnomalyPage } from "./anomaly.js";
import { Digest } from "./digest.js";
import { EditMachine, Machines } from "./machines.js";
import { EditRule, Rules } from "./rules.js";
import { Series } from "./series.js";
import { Versions } from "./versions.js";

const PAGES = [
  ["", "Anomalies", Anomalies, null, "What is out of the ordinary in measured values"],
  ["digest", "Held back", Digest, null, "Anomalies that did not become alerts, and why"],
  ["series", "Series", Series, null, "Measured values over time"],
  ["rules", "Limits", Rules, "config:read", "Rules over measured values; they always alert"],
  ["machines", "Machine types", Machines, "config:read", "What is usual, and what is too much, for devices of a type"],
  ["detector", "Detector", Versions, "config:read", "Versions of the detector's configuration"],
];

export default function Measurements({ parts: [name = "", item], query, user }) {
  const may = (permission) => mayUse(user, permission);
  const pages = PAGES.filter(([, , , needs]) => !needs || mayUseWhole(user, needs));
  if (name === "anomaly" && item) return html`<${AnomalyPage} key=${item} id=${item} may=${may} />`;
  const [at, title, Page, , about] = pages.find(([each]) => each === name) ?? pages[0];
  const pathTo = (page) => (page ? `/measurements/${page}` : "/measurements");
  const nav = html`<${SectionNav} label="Measurements" at=${pathTo(at)} ways=${pages.map(([page, text]) => [pathTo(page), text])} />`;
  if (at === "rules" && item) {
    return html`<${Head} title=${item === "+new" ? "New limit" : item} up="/measurements/rules" upTitle="Limits" />${nav}
      <${EditRule} key=${item} name=${item === "+new" ? null : item} query=${query} mayWrite=${may("config:write")} />`;
  }
  if (at === "machines" && item) {
    return html`<${Head} title=${item === "+new" ? "New machine type" : item} up="/measurements/machines" upTitle="Machine types" />${nav}
      <${EditMachine} key=${item} name=${item === "+new" ? null : item} mayWrite=${may("config:write")} />`;
  }
  return html`<${Head} title=${title} about=${about} />${nav}<${Page} key=${at} item=${item} query=${query} may=${may} />`;
}
