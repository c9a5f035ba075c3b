import { useEffect, useState } from "react";

/** The present, renewed every *milliseconds*; 0 for never. */
export function useNow(milliseconds: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (milliseconds === 0) return;
    const timer = setInterval(() => setNow(Date.now()), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return now;
}
