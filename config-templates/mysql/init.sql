-- Written by plinth at start; changes are lost. MariaDB runs it before it listens, at every start: a password that has
-- changed is taken over, and what is there stays.
{# The health check's. Names of clients are not looked up, so this one is at the socket and nowhere else. #}
CREATE USER IF NOT EXISTS plinth@localhost;
CREATE DATABASE IF NOT EXISTS plinth;
CREATE TABLE IF NOT EXISTS plinth.health (id TINYINT PRIMARY KEY, seen DATETIME NOT NULL) ENGINE=InnoDB;
GRANT INSERT, DELETE ON plinth.health TO plinth@localhost;
{% for name, database in settings.database %}
CREATE DATABASE IF NOT EXISTS {{ identifier(name) }};
CREATE USER IF NOT EXISTS {{ database.user }}@'%' IDENTIFIED BY {{ database.password }};
ALTER USER {{ database.user }}@'%' IDENTIFIED BY {{ database.password }};
GRANT ALL PRIVILEGES ON {{ grantedDatabase(name) }}.* TO {{ database.user }}@'%';
{% endfor %}
