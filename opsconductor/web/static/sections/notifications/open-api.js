// The description of the API, read once.

import { ApiError, useEffect, useState } from "../../app/kit.js";

let reading = null;

async function read() {
  const response = await fetch("/api/v1/system/openapi.json", { credentials: "same-origin" });
  if (!response.ok) throw new ApiError(response.status, "unknown", `unexpected answer ${response.status}`);
  return response.json();
}

// As useApi returns it.
export function useOpenApi() {
  const [state, setState] = useState({ data: null, error: null });
  const reload = () => {
    reading ??= read();
    reading.then((data) => setState({ data, error: null }), (error) => {
      reading = null;
      setState({ data: null, error: error.code ? error : new ApiError(0, "unreachable", "OpsConductor does not answer") });
    });
  };
  useEffect(reload, []);
  return { ...state, reload };
}
