import styles from "./Icon.module.css";

/** Shapes on a grid of 16, drawn with one stroke width. */
const PATHS = {
  home: "M2.5 7.5 8 3l5.5 4.5V13.5h-4v-3.5h-3v3.5h-4z",
  runs: "M3 4h6M3 8h10M3 12h7M11.5 2.5v3M11.5 10.5v3",
  pipelines: "M3.5 2.5h4v4h-4zM8.5 9.5h4v4h-4zM5.5 6.5v5h3",
  experiments: "M6.5 2.5v4L3 12.5a.8.8 0 0 0 .7 1.1h8.6a.8.8 0 0 0 .7-1.1L9.5 6.5v-4M5.5 2.5h5M4.8 9.8h6.4",
  schedules: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.3l2.2 1.4",
  artifacts: "M8 2.5 13.2 5v6L8 13.5 2.8 11V5zM2.8 5 8 7.6 13.2 5M8 7.6v5.9",
  executions: "M2.5 4.5 5 6.5 2.5 8.5M7 8.5h6.5M7 4.5h6.5M2.5 12.5h11",
  settings:
    "M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8 2v1.8M8 12.2V14M2 8h1.8M12.2 8H14M3.8 3.8l1.2 1.2M11 11l1.2 1.2M12.2 3.8 11 5M5 11l-1.2 1.2",
  compare: "M6 3v10M10 3v10M2.5 6 6 6M10 10h3.5M2.5 10H6M10 6h3.5",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2l3.3 3.3",
  check: "M3.2 8.5l3.1 3.1 6.5-7",
  cross: "M4 4l8 8M12 4l-8 8",
  dash: "M3.5 8h9",
  clock: "M8 4v4.2l2.6 1.6",
  bolt: "M9 2 3.8 9h3.7L7 14l5.2-7H8.5z",
  stop: "M4.5 4.5h7v7h-7z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6l7.8-4.8z",
  plus: "M8 3v10M3 8h10",
  retry: "M12.5 8a4.5 4.5 0 1 1-1.4-3.3M12.5 2.5v2.8H9.7",
  clone: "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
  archive: "M2.8 3.5h10.4v2.7H2.8zM3.8 6.2v6.3h8.4V6.2M6.5 8.7h3",
  trash: "M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.3 4.5l.6 8.5h6.2l.6-8.5M6.8 7v3.8M9.2 7v3.8",
  download: "M8 2.5v7.3M4.8 6.8 8 10l3.2-3.2M3 13h10",
  upload: "M8 10.5V3M4.8 6 8 2.8 11.2 6M3 13h10",
  copy: "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
  external: "M9 3h4v4M13 3 7.5 8.5M11 9.5v3.5H3V5h3.5",
  chevron: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  left: "M10 3.5 5.5 8l4.5 4.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  filter: "M2.5 3.5h11L9.3 8.5v4.2l-2.6-1.2v-3z",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.3v3.7M8 5h.01",
  warning: "M8 2.8 14 13H2zM8 6.8v2.9M8 11.4h.01",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  system: "M2.5 3h11v7.5h-11zM6 13.2h4M8 10.5v2.7",
  keyboard: "M1.8 4h12.4v8H1.8zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  folder: "M2.5 4h4l1.3 1.5h5.7v7h-11z",
  dataset:
    "M3 4.2c0-1 2.2-1.7 5-1.7s5 .7 5 1.7-2.2 1.7-5 1.7-5-.7-5-1.7zM3 4.2v7.6c0 1 2.2 1.7 5 1.7s5-.7 5-1.7V4.2M3 8c0 1 2.2 1.7 5 1.7s5-.7 5-1.7",
  layers: "M8 2.5 14 5.5 8 8.5 2 5.5zM2.5 8.3 8 11l5.5-2.7M2.5 10.8 8 13.5l5.5-2.7",
  chart: "M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V5.5",
  graph: "M3 6.5h3.5v3.5H3zM10 2.5h3.2v3.2H10zM10 10.5h3.2v3.2H10zM6.5 7.5 10 4.2M6.5 9l3.5 3",
  timeline: "M2.5 3.5h5M5 7h6M8.5 10.5h5M2.5 13.5h11",
  logs: "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5",
  user: "M8 2.8a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4",
} as const;

export type IconName = keyof typeof PATHS;

interface Props {
  name: IconName;
  /** What a screen reader says; without it the icon is decoration. */
  label?: string;
  size?: number;
  filled?: boolean;
}

export function Icon({ name, label, size = 16, filled = false }: Props) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it has a label, or is decoration
    <svg
      className={styles["icon"]}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled ? "currentColor" : "none"}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
