import { useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "@ui/api/client";

export type Table = Schemas["TableWithColumnsOut"];
export type TableColumn = Schemas["ColumnOut"];
export type Version = Schemas["VersionOut"];

/** A table with its columns, by its id `layer.folder.name`. */
export function useTable(id: string) {
  return useQuery({
    queryKey: ["catalog", "table", id],
    queryFn: () => data(api.GET("/api/v1/catalog/tables/{table}", { params: { path: { table: id } } })),
  });
}

/** The newest versions of a table. */
export function useVersions(id: string, limit = 100) {
  return useQuery({
    queryKey: ["catalog", "versions", id, limit],
    queryFn: () =>
      data(api.GET("/api/v1/catalog/tables/{table}/versions", { params: { path: { table: id }, query: { limit } } })),
  });
}
