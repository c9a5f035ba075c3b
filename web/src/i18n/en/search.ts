export const search = {
  open: "Search",
  placeholder: "Search runs, pipelines, experiments …",
  nothing: "Nothing found.",
};
