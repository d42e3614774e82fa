// The state of a device in words.

import { html, Mark, plural, Severity } from "../../app/kit.js";

// "critical, 2 alerts, acknowledged", "cut off, 1 alert", "no open alert"
export function stateText(device, withSeverity = true) {
  if (!device.alerts) return device.is_cut_off ? "cut off" : "no open alert";
  return [withSeverity && device.severity, plural(device.alerts, "alert", "alerts"), device.alert_status !== "active" && device.alert_status,
    device.is_cut_off && "cut off"].filter(Boolean).join(", ");
}

export const State = ({ of: device }) => (device.alerts
  ? html`<span class="device-state"><${Severity} of=${device.severity} /> <span class="faint">${stateText(device, false)}</span></span>`
  : html`<${Mark} kind=${device.is_cut_off ? "warn" : "off"}>${stateText(device)}<//>`);
