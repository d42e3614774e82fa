#!/bin/sh
# Installs the Debian packages that the tests use when root, else says in one line what to install.
set -eu
wanted="snmp snmpd snmptrapd postgresql chromium-headless-shell systemd faketime mosquitto mosquitto-clients prometheus prometheus-alertmanager nginx-light dovecot-imapd slapd ldap-utils fish"
missing=""
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need Debian packages; please run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
