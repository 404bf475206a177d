#!/bin/sh
# Installs this checkout as services of one machine, or brings an installation up to date. docs/operations.md tells how.
#   sudo deploy/install.sh [--team] [--memory 4G] [--data /var/lib/bodega]
# --team    Dagster's history on PostgreSQL (BODEGA_PG_… in bodega.env)
# --memory  what each service may use at most (MemoryMax)
# --data    exports, internal area, releases and pages
# --under   puts everything below a folder, without user, rights of others or systemd: for trials and tests
# --venv    an environment that is there already, instead of a new one from constraints.txt
set -eu

TEAM='' MEMORY=4G DATA=/var/lib/bodega UNDER='' VENV=''
while [ $# -gt 0 ]; do
    case $1 in
        --team) TEAM=yes ;;
        --memory) MEMORY=$2; shift ;;
        --data) DATA=$2; shift ;;
        --under) UNDER=$2; shift ;;
        --venv) VENV=$2; shift ;;
        *) sed -n '2,9s/^# *//p' "$0"; exit 2 ;;
    esac
    shift
done

# It goes into units and settings, which would read other characters in their own ways.
case $DATA in
    '' | [!/]* | *[!A-Za-z0-9/._-]*)
        echo "--data $DATA: give a path from / on, of letters, digits, ., _, - and / alone" >&2
        exit 2
        ;;
esac

SOURCE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
APP=$UNDER/opt/bodega/app
ETC=$UNDER/etc/bodega
UNITS=$UNDER/etc/systemd/system
DATA=$UNDER$DATA

owned() {  # mode folder: of the service's user, or of whoever tries it out
    if [ "$UNDER" ]; then install -d -m "$1" "$2"; else install -d -m "$1" -o bodega -g bodega "$2"; fi
}

filled() {  # file: with the places of this installation
    sed -e "s|@APP@|$APP|g" -e "s|@VENV@|$VENV|g" -e "s|@ETC@|$ETC|g" -e "s|@DATA@|$DATA|g" -e "s|@MEMORY@|$MEMORY|g" "$1"
}

if [ ! "$UNDER" ] && ! id bodega >/dev/null 2>&1; then
    useradd --system --user-group --home-dir "$DATA" --shell /usr/sbin/nologin bodega
fi

# The program: read-only for the service, and never half of two versions.
rm -rf "$APP.new"
install -d "$APP.new" "$ETC" "$UNITS"
tar -C "$SOURCE" --exclude=./.git --exclude=./.venv --exclude=./var --exclude='./.*_cache' --exclude=__pycache__ -cf - . |
    tar -C "$APP.new" --no-same-owner -xf -
chmod -R u=rwX,go=rX "$APP.new"
rm -rf "$APP"
mv "$APP.new" "$APP"

if [ ! "$VENV" ]; then
    VENV=$UNDER/opt/bodega/venv
    # By pip, and not by python: without Debian's python3-venv the first try leaves a python and no pip behind.
    [ -x "$VENV/bin/pip" ] || "${PYTHON:-python3}" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --constraint "$APP/constraints.txt" --editable "$APP${TEAM:+[team]}"
fi
"$VENV/bin/python" -m compileall -q "$APP/ansispark" "$APP/ingest" "$APP/expectations" "$APP/publish" "$APP/portal" "$APP/orchestration"

owned 0755 "$DATA"
owned 0750 "$DATA/exports"
owned 0750 "$DATA/corrections"
owned 0700 "$DATA/internal"
owned 0700 "$DATA/internal/dagster"
owned 0755 "$DATA/public"
owned 0755 "$DATA/public/releases"
owned 0755 "$DATA/public/portal"

# What the institution has set stays as it is.
if [ ! -e "$ETC/bodega.env" ]; then
    filled "$APP/deploy/bodega.env.example" >"$ETC/bodega.env"
fi
chmod 0640 "$ETC/bodega.env"
INSTANCE=$DATA/internal/dagster/dagster.yaml
cat "$APP/orchestration/dagster.yaml" ${TEAM:+"$APP/deploy/dagster-postgres.yaml"} >"$INSTANCE"
chmod 0600 "$INSTANCE"

install -d "$UNITS/bodega-.service.d"
for unit in "$APP"/deploy/bodega-*.service "$APP"/deploy/bodega-*.timer "$APP"/deploy/bodega-.service.d/*.conf; do
    filled "$unit" >"$UNITS/${unit#"$APP/deploy/"}"
done

if [ "$UNDER" ]; then exit; fi
chgrp bodega "$ETC/bodega.env"
chown bodega:bodega "$INSTANCE"
systemctl daemon-reload
systemctl try-restart bodega-webserver.service bodega-daemon.service
echo "Installed. Settings: $ETC/bodega.env. Then, with the daemon: systemctl enable --now bodega-daemon bodega-webserver"
echo "or, without it: systemctl enable --now bodega-nightly.timer"
