"""The machine that a run works on: whether it can carry the job, room, rights, the turn, the warehouse file."""
