{# Where Spark leaves its tables, as the cluster calls that place. #}
{% macro tablas_de_spark() -%}
    {{ return(env_var('SPARK_TABLES_DIR')) }}
{%- endmacro %}


{#
  Raw as relations of Spark, which has no read_parquet: a view for each source, made anew before every build, since it
  keeps the columns of that moment. The pattern takes in a folder of files as well as a single file.
#}
{% macro fuentes_en_spark() %}
    {%- if execute and target.type == 'ansispark' and flags.WHICH in ['build', 'run'] %}
        {%- set raiz = env_var('SPARK_RAW_DIR', '') or env_var('RAW_DIR') %}
        {%- for fuente in graph.sources.values() %}
            {%- if loop.first %}
                {%- do run_query('create schema if not exists ' ~ fuente.schema) %}
            {%- endif %}
            {%- do run_query(
                'create or replace view ' ~ fuente.schema ~ '.' ~ fuente.name
                ~ ' as select * from parquet.`' ~ raiz ~ '/' ~ fuente.name ~ '{/*,}.parquet`'
            ) %}
        {%- endfor %}
    {%- endif %}
{% endmacro %}


{#
  Tables lie where whoever reads them without Spark finds them. With a place of its own a table may be built over what a
  build that was cut short left there; in the place that Spark would choose it is refused for ever.
#}
{% macro spark__location_clause() -%}
    location '{{ tablas_de_spark() }}/{{ this.schema }}/{{ this.identifier }}'
{%- endmacro %}


{# On Spark a VARCHAR needs a length. #}
{% macro spark__cast(expresion, tipo) -%}
    cast({{ expresion }} as {{ 'string' if tipo == 'varchar' else tipo }})
{%- endmacro %}


{#
  Rows of a seed as literals: dbt-spark puts them between quotes as they are, so a NULL becomes the text None. In the place
  of the rows there, which a table keeps that is dropped and made again.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set tipos = model.config.column_types %}
    {%- set sql %}
        insert overwrite {{ this }} values
        {%- for fila in agate_table.rows %}
        (
            {%- for columna in agate_table.column_names %}
            {%- set valor = fila[columna] %}
            {%- set literal = 'null' if valor is none else dbt.string_literal(dbt.escape_single_quotes(valor | string)) %}
            cast({{ literal }} as {{ tipos[columna] }}){{ ',' if not loop.last }}
            {%- endfor %}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset %}
    {%- do adapter.add_query(sql, abridge_sql_log=true) %}
    {{ return(sql) }}
{% endmacro %}
