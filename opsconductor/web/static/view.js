// Filters, order and page, kept in the URL so that a view can be bookmarked.

const URGENT_FIRST = "priority,-severity,-occurred_at";
const VIEWS = {
  open: { status: ["active", "acknowledged"], sort: URGENT_FIRST },
  active: { status: ["active"], sort: URGENT_FIRST },
  acknowledged: { status: ["acknowledged"], sort: URGENT_FIRST },
  suppressed: { status: ["suppressed"], sort: URGENT_FIRST },
  closed: { status: ["resolved", "expired"], sort: "-last_occurrence_at" },
};

export const PER_PAGE = 100;
export const LAST_PAGE = 200; // of the API; see api/http/alert_parameters.py

export const view = { alert: "", name: "open", severity: new Set(), category: "", search: "", sort: "", page: 1 };

export function readAddress() {
  const given = new URLSearchParams(location.search);
  view.name = given.get("view") in VIEWS ? given.get("view") : "open";
  view.severity = new Set((given.get("severity") ?? "").split(",").filter(Boolean));
  view.category = given.get("category") ?? "";
  view.search = given.get("search") ?? "";
  view.sort = given.get("sort") ?? "";
  view.alert = given.get("alert") ?? "";
  view.page = 1;
}

export function writeAddress() {
  const said = new URLSearchParams();
  if (view.name !== "open") said.set("view", view.name);
  if (view.severity.size) said.set("severity", [...view.severity].join(","));
  for (const name of ["category", "search", "sort", "alert"]) if (view[name]) said.set(name, view[name]);
  const query = said.toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

export const isFiltered = () => Boolean(view.severity.size || view.category || view.search);

export function query() {
  const { status, sort } = VIEWS[view.name];
  const wanted = new URLSearchParams({
    status: status.join(","),
    sort: view.sort ? `${view.sort},-occurred_at` : sort,
    page: view.page,
    per_page: PER_PAGE,
  });
  if (view.severity.size) wanted.set("severity", [...view.severity].join(","));
  if (view.category) wanted.set("category", view.category);
  if (view.search) wanted.set("search", view.search);
  return wanted;
}

export const consequencesQuery = (id, page) => new URLSearchParams({
  root_id: id, status: "suppressed", sort: URGENT_FIRST, page, per_page: PER_PAGE,
});
