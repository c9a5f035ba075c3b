import { Link } from "@tanstack/react-router";
import { useText } from "~/i18n/text";
import { KeyCaps } from "~/keys/KeyCaps";
import { LiveDot } from "~/live/LiveDot";
import { prefer, usePreferences } from "~/preferences/preferences";
import { Button } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { Choices } from "./Choices";
import { PLACES } from "./places";
import styles from "./Rail.module.css";

interface Props {
  onSearch: () => void;
  onKeys: () => void;
}

/** The places beside the page, with search above and choices below. */
export function Rail({ onSearch, onKeys }: Props) {
  const text = useText();
  const wide = usePreferences().rail === "wide";
  return (
    <nav className={styles["rail"]} data-wide={wide} aria-label={text.nav.label}>
      <Link to="/" className={styles["brand"]} aria-label="Pinnace">
        <img src="./favicon.svg" alt="" width={24} height={24} />
        <span className={styles["label"]}>Pinnace</span>
      </Link>
      <button
        type="button"
        className={styles["search"]}
        onClick={onSearch}
        title={wide ? undefined : text.search.open}
        aria-keyshortcuts="Control+K Meta+K /"
      >
        <Icon name="search" size={15} />
        <span className={styles["word"]}>{text.search.open}</span>
        <span className={styles["label"]} aria-hidden>
          <KeyCaps keys="mod+k" />
        </span>
      </button>
      <ul>
        {PLACES.map((place) => (
          <li key={place.to}>
            <Link
              to={place.to}
              className={styles["place"]}
              activeOptions={{ exact: place.to === "/" }}
              aria-keyshortcuts={`g ${place.key}`}
              title={wide ? undefined : text.nav[place.name]}
            >
              <Icon name={place.icon} size={17} />
              <span className={styles["word"]}>{text.nav[place.name]}</span>
            </Link>
          </li>
        ))}
      </ul>
      <div className={styles["foot"]}>
        <span className={styles["live"]}>
          <LiveDot brief={!wide} />
        </span>
        <Choices />
        <Button look="plain" icon="keyboard" aria-label={text.keys.title} title={text.keys.title} onClick={onKeys} />
        <Button
          look="plain"
          icon={wide ? "left" : "chevron"}
          aria-label={wide ? text.nav.collapse : text.nav.expand}
          onClick={() => prefer({ rail: wide ? "narrow" : "wide" })}
        />
      </div>
    </nav>
  );
}
