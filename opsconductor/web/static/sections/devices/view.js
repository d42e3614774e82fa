// What a drawing shows of its plane: moved by dragging, by keys and buttons, enlarged by the wheel and with two fingers.

import { useEffect, useRef, useState } from "../../app/kit.js";

const MARGIN = 24;
const STEP = 1.3;
const NEAREST = 160; // width of what is shown at the least

// Returns { box, mount, fit, zoom, reveal } for a plane of a size; `mount` is the ref of the svg element. Wheel and
// fingers enlarge where they are; the wheel alone scrolls the page until the drawing has the focus.
export function useView(width, height) {
  const whole = { x: -MARGIN, y: -MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN };
  const [box, setBox] = useState(whole);
  const mount = useRef(null);
  const latest = useRef(box);
  latest.current = box;

  const fit = () => setBox(whole);
  useEffect(fit, [width, height]);

  const zoom = (factor, at = null) => setBox((from) => {
    const most = 4 * Math.max(whole.width, whole.height);
    const size = Math.min(most, Math.max(NEAREST, from.width / factor)) / from.width;
    const centre = at ?? { x: from.x + from.width / 2, y: from.y + from.height / 2 };
    return { x: centre.x - (centre.x - from.x) * size, y: centre.y - (centre.y - from.y) * size,
      width: from.width * size, height: from.height * size };
  });

  const move = (dx, dy) => setBox((from) => ({ ...from, x: from.x + dx, y: from.y + dy }));

  // Brings a box of the plane into view if it is not.
  const reveal = (wanted) => {
    const { x, y, width: w, height: h } = latest.current;
    const dx = Math.min(0, wanted.x - MARGIN - x) || Math.max(0, wanted.x + wanted.width + MARGIN - x - w);
    const dy = Math.min(0, wanted.y - MARGIN - y) || Math.max(0, wanted.y + wanted.height + MARGIN - y - h);
    if (dx || dy) move(dx, dy);
  };

  useEffect(() => {
    const svg = mount.current;
    const fingers = new Map();
    let isDragged = false;
    const place = ({ clientX, clientY }) => new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    const apart = () => {
      const [one, other] = [...fingers.values()];
      return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    };
    const wheeled = (event) => {
      if (!event.ctrlKey && !svg.contains(document.activeElement)) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP, place(event));
    };
    const pressed = (event) => {
      if (event.button) return;
      isDragged = false;
      fingers.set(event.pointerId, event);
    };
    const moved = (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      if (fingers.size === 2) {
        const distance = apart();
        fingers.set(event.pointerId, event);
        zoom(apart() / distance, place(event));
        return;
      }
      if (!isDragged && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < 4) return;
      if (!isDragged) svg.setPointerCapture(event.pointerId);
      isDragged = true;
      const from = place(before), to = place(event);
      fingers.set(event.pointerId, event);
      move(from.x - to.x, from.y - to.y);
    };
    const released = (event) => fingers.delete(event.pointerId);
    const clicked = (event) => { // the end of a drag opens nothing
      if (!isDragged) return;
      event.preventDefault();
      event.stopPropagation();
      isDragged = false;
    };
    const heard = [["wheel", wheeled], ["pointerdown", pressed], ["pointermove", moved], ["pointerup", released], ["pointercancel", released]];
    for (const [name, act] of heard) svg.addEventListener(name, act, { passive: false });
    svg.addEventListener("click", clicked, { capture: true });
    return () => {
      for (const [name, act] of heard) svg.removeEventListener(name, act);
      svg.removeEventListener("click", clicked, { capture: true });
    };
  }, []);

  return { box, mount, fit, zoom, reveal };
}
