// Style sheets that are loaded with what needs them.

// Resolves when the style sheet is there, or cannot be had. A section awaits it: `await loadStyles(...)`.
export const loadStyles = (address) => new Promise((resolve) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: String(address), onload: resolve, onerror: resolve });
  document.head.append(link);
});
