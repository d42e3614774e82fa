// Schemas of the API's models, for forms: from its OpenAPI document, which is read once.

import { ApiError } from "../api.js";
import { useCallback, useEffect, useState } from "../vendor/htm-preact/standalone.module.js";

const WITHIN_MS = 20_000; // the first request after the start of the daemon generates it
let reading = null;

async function read() {
  const answer = await fetch("/api/v1/system/openapi.json", { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(`unexpected answer ${answer.status}`);
  return (await answer.json()).components.schemas;
}

// The schema of a model by name, with those that it refers to in $defs; for <Reading of=...>.
export function useSchema(name) {
  const [state, setState] = useState({ data: null, error: null });
  const reload = useCallback(async () => {
    reading ??= read();
    try {
      const all = await reading;
      setState({ data: { ...all[name], $defs: all }, error: null });
    } catch (error) {
      reading = null;
      setState({ data: null, error: new ApiError(0, "unreachable", error.message) });
    }
  }, [name]);
  useEffect(() => { reload(); }, [reload]);
  return { ...state, reload };
}
