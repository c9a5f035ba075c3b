import { useEffect, useRef, useState } from "react";

/** A value that changes often, taken over at most every *milliseconds*; the last one always comes. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = useState(value);
  const at = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, at.current + milliseconds - performance.now());
    const timer = setTimeout(() => {
      at.current = performance.now();
      setShown(() => value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return shown;
}
