"""Running worked cases (検証事例) of every suite: which suite a file belongs to, and who answers its cases."""
