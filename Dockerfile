# The integration service as JavaScript, on dependencies of its own, as a user without rights.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY examples/integration-service/package.json examples/integration-service/
COPY examples/simulators/package.json examples/simulators/
COPY examples/lab/package.json examples/lab/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build:service

FROM node:22-bookworm-slim AS dependencies
WORKDIR /srv
COPY package.json package-lock.json ./
COPY examples/integration-service/package.json examples/integration-service/
COPY examples/simulators/package.json examples/simulators/
COPY examples/lab/package.json examples/lab/
RUN npm ci --omit=dev --no-audit --no-fund --workspace=integration-service --include-workspace-root

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATABASE_URL=file:/data/integration-service.db
WORKDIR /srv
COPY --from=dependencies /srv ./
COPY --from=build /build/examples/integration-service/dist examples/integration-service/dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches the service.
CMD ["node", "examples/integration-service/dist/server.js"]
