// Notifications: rules, who is on call, maintenance, and the people, teams, schedules and policies that rules name.

import { go, Head, html, loadStyles, pathOf, Tabs } from "../../app/kit.js";
import { Maintenance } from "./maintenance.js";
import { OnCall } from "./on-call.js";
import { People } from "./people.js";
import { Rule } from "./rule.js";
import { Rules } from "./rules.js";

await loadStyles(new URL("./notifications.css", import.meta.url));

const TABS = [["rules", "Rules"], ["on-call", "On call"], ["maintenance", "Maintenance"], ["people", "People and policies"]];
const DRAWN = { rules: Rules, "on-call": OnCall, maintenance: Maintenance, people: People };

const may = (user, permission) => user.permissions.includes(permission);

// /notifications, /notifications/rules/NAME, /notifications/on-call/SCHEDULE, /notifications/maintenance, ...
export default function Notifications({ parts, query, user }) {
  const [tab = "rules", ...rest] = parts;
  const given = { rest, query, mayConfigure: may(user, "config:write"), mayAct: may(user, "alerts:write"), mayTest: may(user, "system:write"),
    mayManagePeople: may(user, "users:write") };
  if (tab === "rules" && rest.length) return html`<${Rule} key=${rest[0]} name=${rest[0]} ...${given} />`;
  if (tab === "people" && rest.length > 1) return html`<${People} ...${given} />`;
  const Drawn = DRAWN[tab] ?? Rules;
  return html`<${Head} title="Notifications" />
    <${Tabs} label="Notifications" tabs=${TABS} chosen=${tab in DRAWN ? tab : "rules"} onChoose=${(name) => go(pathOf("notifications", name))}>
      <${Drawn} ...${given} /><//>`;
}
