"""The bundled demo: an invented contest of two cities with simulated people, played through real sockets. Touches no database but its own.

bundle (the definition) + a seed ─ people, fates ─▶ story (what happens when: pure) ─ desks (real agents) ─▶ a real server
                                                      └─ folding (pure) ─▶ the board that must come out
"""
