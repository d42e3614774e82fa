// Notifications: rules, who is on call, maintenance, and the people, teams, schedules and policies that rules name.

import { go, Head, html, loadStyles, mayUse, mayUseWhole, pathOf, Tabs } from "../../app/kit.js";
import { Maintenance } from "./maintenance.js";
import { OnCall } from "./on-call.js";
import { People } from "./people.js";
import { Rule } from "./rule.js";
import { Rules } from "./rules.js";

await loadStyles(new URL("./notifications.css", import.meta.url));

const TABS = [["rules", "Rules"], ["on-call", "On call"], ["maintenance", "Maintenance"], ["people", "People"]];
const DRAWN = { rules: Rules, "on-call": OnCall, maintenance: Maintenance, people: People };

// /notifications, /notifications/rules/NAME, /notifications/on-call/SCHEDULE, /notifications/maintenance, ...
export default function Notifications({ parts, query, user }) {
  const mayRead = mayUseWhole(user, "config:read"); // users who are limited to some devices see maintenance only
  const tabs = mayRead ? TABS : TABS.filter(([name]) => name === "maintenance");
  const [wanted = "", ...rest] = parts;
  const [tab] = tabs.find(([name]) => name === wanted) ?? tabs[0];
  const given = { rest, query, mayConfigure: mayUseWhole(user, "config:write"), mayAct: mayUse(user, "alerts:write"), mayTest: mayUseWhole(user, "system:write"),
    mayManagePeople: mayUseWhole(user, "users:write"), isWhole: mayRead };
  if (tab === "rules" && rest.length) return html`<${Rule} key=${rest[0]} name=${rest[0]} ...${given} />`;
  if (tab === "people" && rest.length > 1) return html`<${People} ...${given} />`;
  const Drawn = DRAWN[tab];
  return html`<${Head} title="Notifications" />
    <${Tabs} label="Notifications" tabs=${tabs} chosen=${tab} onChoose=${(name) => go(pathOf("notifications", name))}>
      <${Drawn} ...${given} /><//>`;
}
