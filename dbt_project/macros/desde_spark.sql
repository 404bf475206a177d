{#
  With the target desde_spark a table is what Spark left of it, copied into the warehouse: under the same names, with the
  types of its contract, and below the same views. Whatever reads the warehouse does not learn which engine made it.
#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if target.name == 'desde_spark' and not temporary %}
        {%- set esquema = (env_var('SPARK_SCHEMA', '') or 'bodega') ~ '_' ~ this.schema %}
        {%- set compiled_code = "select * from read_parquet('" ~ tablas_de_spark() ~ '/' ~ esquema ~ '/' ~ this.identifier ~ "/*.parquet')" %}
    {%- endif %}
    {{- return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) -}}
{%- endmacro %}
