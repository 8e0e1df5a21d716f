// Parts that renew themselves wait while the page is hidden; shown again, they go on with the next interval.
(() => {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
  });
})();
