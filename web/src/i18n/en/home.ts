export const home = {
  running: "Running now",
  runningNone: "Nothing is running.",
  failed: "Failed in the last 7 days",
  failedNone: "Nothing has failed.",
  next: "What fires next",
  nextNone: "No recurring run is enabled.",
  welcome: "Your Kubeflow Pipelines, on this machine",
  welcomeHint:
    "A pipeline is a graph of Python functions; a run is one execution of it. Start one of these, and watch its steps, logs and results as they come.",
  connect: "From Python",
  connectHint: "Three lines, in a script or a notebook. Your pipeline needs no change:",
  upload: "With a file",
  uploadHint: "A compiled pipeline can be dropped onto the page of pipelines, and started from there.",
  recent: "Latest runs",
  start: "Start something",
  startSample: (name: string) => `Start ${name}`,
  samplesTitle: "Start a first run",
  samples: {
    "loop-and-condition": {
      title: "Loop and condition",
      about: "Measures words side by side, takes another branch for the long ones, and sums up.",
    },
    "train-and-evaluate": {
      title: "Train and evaluate",
      about: "Trains a small model and draws its ROC curve and confusion matrix.",
    },
    "artifacts-and-lineage": {
      title: "Artifacts and lineage",
      about: "Files from step to step: text, a table, Markdown and a chart, and what came from what.",
    },
    "retry-until-ready": {
      title: "Retry until ready",
      about: "A step that fails at first and is tried again; cleaning up at the end.",
    },
  } as Record<string, { title: string; about: string }>,
};
