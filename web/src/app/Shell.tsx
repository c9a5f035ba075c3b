import { Link, Outlet } from "@tanstack/react-router";
import { useText } from "~/i18n/text";
import { LiveDot } from "~/live/LiveDot";
import { useServerChanges } from "~/live/useServerChanges";
import { prefer, usePreferences } from "~/preferences/preferences";
import { useTheme } from "~/preferences/theme";
import { Button } from "~/ui/Button";
import { Icon, type IconName } from "~/ui/Icon";
import { Choices } from "./Choices";
import styles from "./Shell.module.css";

const PLACES = [
  { to: "/", icon: "home", name: "home" },
  { to: "/runs", icon: "runs", name: "runs" },
  { to: "/pipelines", icon: "pipelines", name: "pipelines" },
  { to: "/experiments", icon: "experiments", name: "experiments" },
  { to: "/recurring", icon: "schedules", name: "recurring" },
  { to: "/artifacts", icon: "artifacts", name: "artifacts" },
  { to: "/executions", icon: "executions", name: "executions" },
] as const satisfies { to: string; icon: IconName; name: string }[];

/** What surrounds every page: the rail of places, and the bar with search and choices. */
export function Shell() {
  useTheme();
  useServerChanges();
  const text = useText();
  const { rail } = usePreferences();
  const wide = rail === "wide";
  return (
    <div className={styles["shell"]} data-rail={rail}>
      <a className={styles["skip"]} href="#content">
        {text.nav.skip}
      </a>
      <nav className={styles["rail"]} aria-label={text.nav.label}>
        <Link to="/" className={styles["brand"]} aria-label="Pinnace">
          <img src="./favicon.svg" alt="" width={24} height={24} />
          <span className={styles["label"]}>Pinnace</span>
        </Link>
        <ul>
          {PLACES.map((place) => (
            <li key={place.to}>
              <Link
                to={place.to}
                className={styles["place"]}
                activeOptions={{ exact: place.to === "/" }}
                title={wide ? undefined : text.nav[place.name]}
              >
                <Icon name={place.icon} size={17} />
                <span className={styles["label"]}>{text.nav[place.name]}</span>
              </Link>
            </li>
          ))}
        </ul>
        <div className={styles["foot"]}>
          <span className={styles["label"]}>
            <LiveDot />
          </span>
          <Choices />
          <Button
            look="plain"
            icon={wide ? "left" : "chevron"}
            aria-label={wide ? text.nav.collapse : text.nav.expand}
            onClick={() => prefer({ rail: wide ? "narrow" : "wide" })}
          />
        </div>
      </nav>
      <main id="content" className={styles["content"]} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
