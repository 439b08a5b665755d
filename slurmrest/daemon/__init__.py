"""The program `slurmrestd`: command line, sockets, processes, HTTP. It serves any WSGI app.

main.py         the command: loads what it is made of; command.py what it does, step by step
config.py       the settings: options, variables, defaults, help text
addresses.py    [host]:port and unix:/path
checks.py       what must hold before anything is bound
sockets.py      listening sockets, and unix sockets that others may hold
application.py  gunicorn's application and master process, and the settings both ways of starting share
quotas.py       threads and connections, shared out to the worker processes
balance.py      which worker takes a new connection, and which of them serve
systemd.py      sockets that systemd opened, and what it is told

worker.py       one worker process: signals, recycling, its end
poller.py       the worker's main thread: every connection that no thread is answering
doors.py        where connections come in
pace.py         the deadlines of connections
slots.py        how many connections may be processed
connection.py   one connection: its socket and what is known of it
reading.py      bytes in, whole requests out; bodies.py for what follows the head
refusal.py      the answers of the server itself
serving.py      what a thread does with a request
environ.py      request -> WSGI environ
answering.py    WSGI result -> bytes out
threads.py      the threads that answer requests; turns.py how they share interpreter and processors
limits.py       sizes and times

inetd.py        inetd mode: requests from standard input; stdin.py what that is, and being the user at its other end
lenient.py      requests as people write them
logs.py         where messages go; gunicorn_log.py for gunicorn's own
"""
