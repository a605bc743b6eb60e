-- What the gate must know about everyone: read by ranges of person numbers, in their order.

-- How many persons there are; numbers have no gaps.
--: standing_persons() -> one (n int)
SELECT count(*) AS n FROM person;

-- Floor's own facts.
--: standing_facts(first int, last int) -> each (id int, class int, body int, unit int, left_at instant?, employment_end instant?)
SELECT p.id, u.class, u.body, p.unit, p.left_at, p.employment_end
FROM person p JOIN unit u ON u.id = p.unit
WHERE p.id >= $1 AND p.id < $2
ORDER BY p.id;

-- Every name, with its person.
--: standing_names(first int, last int) -> each (name text, person int)
SELECT name, person FROM login WHERE person >= $1 AND person < $2 ORDER BY person;
