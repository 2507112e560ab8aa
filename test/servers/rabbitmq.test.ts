import { rabbitmq } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";
import { passwords } from "./waiting.ts";

behavesLikeADependency(
  rabbitmq(passwords["RIGHT"] as string),
  (port) => `amqp://openstack:$RIGHT@127.0.0.1:${port}//openstack`,
  [
    {
      title: "with a wrong password tells who was refused",
      url: (port) => `amqp://openstack:$WRONG@127.0.0.1:${port}//openstack`,
      says: /^ACCESS_REFUSED: .*user openstack$/,
    },
    {
      title: "with an unknown user tells who was refused",
      url: (port) => `amqp://nobody:$RIGHT@127.0.0.1:${port}//openstack`,
      says: /^ACCESS_REFUSED: .*user nobody$/,
    },
    {
      title: "for a virtual host that does not exist names it",
      url: (port) => `amqp://openstack:$RIGHT@127.0.0.1:${port}/nowhere`,
      says: /^NOT_ALLOWED: .*virtual host nowhere,/,
    },
  ],
);
