# A JupyterLab with the whole course, for one reader. docs/jupyterhub.md serves it to a class.
#
#   docker build --tag style-transfer-course .                  for students: nothing run, no solutions
#   docker build --tag style-transfer-course --target reader .  for readers: all results in place
#   docker run --rm --publish 127.0.0.1:8888:8888 style-transfer-course
FROM python:3.12-slim AS course

# The voice in the lesson about sound; without it the lesson uses an instrument of its own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends espeak-ng \
    && rm -rf /var/lib/apt/lists/*

# The library, its pictures and its weights belong to root: every reader shares them, nobody can
# change them. The pinned list only limits the versions; what runs the tests stays out.
WORKDIR /opt/course
COPY pyproject.toml README.md LICENSE LICENSE-prose ./
COPY requirements/pinned.txt requirements/
COPY course_lib course_lib
COPY data data
RUN pip install --no-cache-dir --constraint requirements/pinned.txt ".[cpu]" jupyterlab
RUN useradd --create-home --uid 1000 reader
EXPOSE 8888
CMD ["course", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser"]

# The sets for a class, made from the lessons' sources. Answers stay in this stage.
FROM course AS sets
COPY workshop workshop
COPY lessons lessons
COPY notebooks notebooks
COPY classroom classroom
RUN pip install --no-cache-dir --constraint requirements/pinned.txt jupytext \
    && python -m course_lib.cli classroom --out /opt/class

# The notebooks are the reader's own, to write into.
FROM course AS reader
COPY --chown=reader:reader notebooks /home/reader/notebooks
USER reader
WORKDIR /home/reader

FROM course AS student
ENV COURSE_SOLUTIONS=hidden
COPY --from=sets --chown=reader:reader /opt/class/student /home/reader/notebooks
USER reader
WORKDIR /home/reader
