#!/bin/sh
# Valkey with the password of its secret file; it stands in no argument and in no image.
set -eu
umask 077
{
  echo "bind * -::*"
  echo "protected-mode yes"
  echo "requirepass $(tr -d '\n' < /run/secrets/redis_password)"
  echo "appendonly yes"
  echo "maxmemory 512mb"
  echo "maxmemory-policy noeviction"
  echo 'save ""'
  echo "dir /data"
} > /tmp/valkey.conf
exec valkey-server /tmp/valkey.conf
