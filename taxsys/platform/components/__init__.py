"""部品の一覧と脆弱性の点検 (R-271): what this installation is made of, against advisories that are brought."""
