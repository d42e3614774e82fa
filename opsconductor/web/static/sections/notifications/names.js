// Names that rules may refer to: channels, persons, teams, schedules, policies; undefined while they are being read.

import { useApi } from "../../app/kit.js";

const namesIn = ({ data }) => data?.map(({ row }) => row.name);

export function useNames() {
  const connectors = useApi("/connectors");
  return {
    channel: connectors.data?.filter(({ role }) => role === "channel").map(({ name }) => name),
    person: namesIn(useApi("/people", { all: true })),
    team: namesIn(useApi("/teams", { all: true })),
    schedule: namesIn(useApi("/notifications/schedules", { all: true })),
    escalation: namesIn(useApi("/notifications/policies", { all: true })),
  };
}
