import { Link, useNavigate } from "@tanstack/react-router";
import { useText } from "~/i18n/text";
import { Icon } from "~/ui/Icon";
import { Menu, MenuItem } from "~/ui/Menu";
import styles from "./BottomBar.module.css";
import { Choices } from "./Choices";
import { PLACES } from "./places";

/** As many as a thumb can tell apart; the others are in a menu. */
const FIRST = 3;

/** The places on a phone, below the page. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  return (
    <nav className={styles["bar"]} aria-label={text.nav.label}>
      {PLACES.slice(0, FIRST).map((place) => (
        <Link key={place.to} to={place.to} className={styles["place"]} activeOptions={{ exact: place.to === "/" }}>
          <Icon name={place.icon} size={18} />
          {text.nav[place.name]}
        </Link>
      ))}
      <button type="button" className={styles["place"]} onClick={onSearch}>
        <Icon name="search" size={18} />
        {text.search.open}
      </button>
      <Menu
        trigger={
          <button type="button" className={styles["place"]}>
            <Icon name="menu" size={18} />
            {text.nav.more}
          </button>
        }
      >
        {PLACES.slice(FIRST).map((place) => (
          <MenuItem key={place.to} icon={place.icon} onSelect={() => navigate({ to: place.to })}>
            {text.nav[place.name]}
          </MenuItem>
        ))}
      </Menu>
      <Choices />
    </nav>
  );
}
