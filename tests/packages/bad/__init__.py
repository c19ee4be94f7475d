"""Bad packages made by script, each named after the one requirement it breaks: bad/OCFL-E092_content_altered …"""
