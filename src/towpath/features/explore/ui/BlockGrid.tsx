import type { ColDef, FilterModel, GridApi, IDatasource, SortModelItem } from "ag-grid-community";
import { useMemo, useRef } from "react";
import { useSpeech } from "@ui/i18n";
import Grid from "@ui/parts/Grid";
import { isNumber, type Kind, shown } from "./format";

export interface GridColumn {
  name: string;
  label: string;
  hint?: string;
  kind: Kind;
}

export interface Asked {
  start: number;
  limit: number;
  columns: string[];
  sort: SortModelItem[];
  filter: FilterModel;
}

export interface Answered {
  rows: unknown[][];
  columns?: string[];
  total: number;
}

interface Props {
  label: string;
  columns: GridColumn[];
  /** Gives a block of rows; throws what the API refused. */
  load: (asked: Asked) => Promise<Answered>;
  /** Whether the rows can be sorted and filtered where they lie. */
  ordered?: boolean;
  height?: string;
  onError?: (error: unknown) => void;
  onFilter?: (filtered: boolean) => void;
  onReady?: (grid: GridApi) => void;
}

type Row = Record<string, unknown>;

const filterOf = (kind: Kind) => (isNumber(kind) ? "agNumberColumnFilter" : kind === "date" || kind === "datetime" ? "agDateColumnFilter" : "agTextColumnFilter");

/** A grid over any number of rows, which are fetched block by block as somebody scrolls. */
export default function BlockGrid({ label, columns, load, ordered, height = "62vh", onError, onFilter, onReady }: Props) {
  const { language, t } = useSpeech();
  const loader = useRef(load);
  loader.current = load;
  const definitions = useMemo<ColDef<Row>[]>(
    () =>
      columns.map((column) => ({
        colId: column.name,
        headerName: column.label,
        headerTooltip: column.hint ?? column.name,
        valueGetter: (params) => params.data?.[column.name],
        valueFormatter: (params) => shown(params.value, column.kind, language),
        tooltipValueGetter: (params) => (typeof params.value === "string" && params.value.length > 20 ? params.value : undefined),
        sortable: Boolean(ordered) && column.kind !== "list",
        filter: ordered && column.kind !== "list" && column.kind !== "boolean" ? filterOf(column.kind) : false,
        filterParams: { maxNumConditions: 1, buttons: ["apply", "reset"], closeOnApply: true },
        cellClass: isNumber(column.kind) ? "ag-right-aligned-cell" : undefined,
        headerClass: isNumber(column.kind) ? "ag-right-aligned-header" : undefined,
        width: isNumber(column.kind) ? 120 : column.kind === "datetime" ? 175 : column.kind === "date" ? 125 : 180,
      })),
    [columns, language, ordered],
  );
  // A new source makes the grid forget its blocks: when the columns or what is asked for change.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `load` asks for other rows, a new `onError` does not
  const source = useMemo<IDatasource>(
    () => {
      let fresh = true;
      return {
      getRows: (params) => {
        const names = columns.map((column) => column.name);
        loader
          .current({
            start: params.startRow,
            limit: params.endRow - params.startRow,
            columns: names,
            sort: params.sortModel,
            filter: params.filterModel as FilterModel,
          })
          .then((answer) => {
            const order = answer.columns ?? names;
            const rows = answer.rows.map((values) => Object.fromEntries(order.map((name, place) => [name, values[place]])));
            params.successCallback(rows, answer.total);
            // Once, so that what somebody set stays: as wide as the headings and the first rows need.
            if (fresh) requestAnimationFrame(() => params.api.isDestroyed() || params.api.autoSizeAllColumns({ defaultMinWidth: 80, defaultMaxWidth: 300 }));
            fresh = false;
          })
          .catch((error: unknown) => {
            params.failCallback();
            onError?.(error);
          });
      },
      };
    },
    [columns, load],
  );
  return (
    <section aria-label={label}>
      <Grid<Row>
        height={height}
        columnDefs={definitions}
        defaultColDef={{ resizable: true, minWidth: 70, suppressHeaderMenuButton: false }}
        rowModelType="infinite"
        datasource={source}
        cacheBlockSize={200}
        maxBlocksInCache={25}
        maxConcurrentDatasourceRequests={2}
        blockLoadDebounceMillis={60}
        infiniteInitialRowCount={1}
        tooltipShowDelay={300}
        rowHeight={36}
        multiSortKey="ctrl"
        localeText={language === "fr" ? french : undefined}
        overlayNoRowsTemplate={undefined}
        onGridReady={(event) => onReady?.(event.api)}
        onFilterChanged={(event) => onFilter?.(event.api.isAnyFilterPresent())}
        aria-label={t("explore.answer")}
      />
    </section>
  );
}

const french: Record<string, string> = {
  contains: "Contient",
  notContains: "Ne contient pas",
  equals: "Égal à",
  notEqual: "Différent de",
  startsWith: "Commence par",
  endsWith: "Finit par",
  blank: "Vide",
  notBlank: "Rempli",
  lessThan: "Inférieur à",
  greaterThan: "Supérieur à",
  lessThanOrEqual: "Inférieur ou égal à",
  greaterThanOrEqual: "Supérieur ou égal à",
  inRange: "Entre",
  before: "Avant",
  after: "Après",
  filterOoo: "Filtrer …",
  applyFilter: "Appliquer",
  resetFilter: "Réinitialiser",
  noRowsToShow: "Aucune ligne",
  loadingOoo: "Chargement …",
  sortAscending: "Tri croissant",
  sortDescending: "Tri décroissant",
  sortUnSort: "Sans tri",
  pinColumn: "Épingler",
  autosizeThisColumn: "Ajuster la largeur",
  autosizeAllColumns: "Ajuster toutes les largeurs",
};
