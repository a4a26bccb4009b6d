"""gunicorn: a few threads per process, so that uploads and Range reads do not wait for each other."""

import multiprocessing

workers = min(4, max(2, multiprocessing.cpu_count()))
threads = 8
worker_class = "gthread"
#: A slow client may take long over a part; the thread streams meanwhile.
timeout = 300
graceful_timeout = 15
keepalive = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
limit_request_line = 8190
