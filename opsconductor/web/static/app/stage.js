// Shows the sections other than the alert list; loaded with the first of them.

import { byId } from "../dom.js";
import { Component, html, render } from "../vendor/htm-preact/standalone.module.js";
import { loadStyles } from "./styles.js";

const SECTIONS = new Map(); // name -> component, once loaded
const styled = Promise.all(["app.css", "forms.css"].map((name) => loadStyles(new URL(name, import.meta.url))));

let wanted = null;

export async function show(place, { isMove = false } = {}) {
  wanted = place;
  const isNew = byId("section").dataset.name !== place.section;
  if (isNew) clear();
  if (!place.title) return paint(html`<${NoSection} />`, place, isMove);
  wanted = place;
  try {
    if (!SECTIONS.has(place.section)) {
      const [module] = await Promise.all([import(`../sections/${place.section}/section.js`), styled]);
      SECTIONS.set(place.section, module.default);
    }
  } catch (error) {
    if (wanted === place) paint(html`<${NotLoaded} error=${error} again=${() => show(place)} />`, place, isMove);
    return;
  }
  if (wanted !== place) return; // gone elsewhere meanwhile
  const { section: name, ...given } = place;
  paint(html`<${Guard} key=${name}><${SECTIONS.get(name)} ...${given} /><//>`, place, isMove && isNew);
}

export function clear() {
  wanted = null;
  delete byId("section").dataset.name;
  render(null, byId("section"));
}

function paint(content, { section }, isMove) {
  const mount = byId("section");
  mount.dataset.name = section;
  render(content, mount);
  if (!isMove) return;
  mount.scrollTop = 0;
  mount.querySelector("h2")?.focus(); // so that the keyboard and a screen reader continue from here
}

const NoSection = () => html`<div class="void"><h2 tabindex="-1">There is no such page</h2>
  <p>It does not exist, or your role may not see it.</p><p><a href="/alerts">Alerts</a></p></div>`;

const NotLoaded = ({ error, again }) => html`<div class="void" role="alert"><h2 tabindex="-1">This section cannot be loaded</h2>
  <p>${error.message}</p><p><button type="button" onClick=${again}>Try again</button></p></div>`;

// A fault of one section leaves the rest of the page usable.
class Guard extends Component {
  componentDidCatch(error) {
    this.setState({ error });
    reportError(error);
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<div class="void" role="alert"><h2 tabindex="-1">This section has failed</h2><p>${error.message}</p>
      <p><button type="button" onClick=${() => this.setState({ error: null })}>Show it again</button></p></div>`;
  }
}
